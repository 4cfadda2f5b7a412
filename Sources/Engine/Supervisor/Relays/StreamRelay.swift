import Addresses
import Glibc
import Linux

/// Passes connections on: both directions until their ends, each end by itself.
struct StreamRelay: Sendable {
    /// Listens.
    var socket: InternetSocket
    /// Where to; nil while there is nothing to reach.
    var target: @Sendable () -> SocketAddress?
    var share: RelayShare

    private static let atOnce = 128 << 10
    /// What a container that does not answer costs a client.
    private static let patience: Duration = .seconds(30)
    private static let pause: Duration = .milliseconds(100)

    /// Serves until the task is cancelled, or the socket itself is broken.
    func serve() async {
        await withDiscardingTaskGroup { group in
            // `try?`: either way there is nothing more to serve.
            while (try? await Readiness.readable(socket.fd)) != nil {
                guard share.begin() else {
                    // What waits meanwhile is in the kernel's queue.
                    try? await Task.sleep(for: Self.pause)
                    continue
                }
                // `try?`: a client that went away, or no descriptor left for one.
                guard let client = try? socket.acceptNow() else {
                    share.end()
                    try? await Task.sleep(for: Self.pause)
                    continue
                }
                group.addTask {
                    await relay(client)
                    share.end()
                }
            }
        }
    }

    private func relay(_ client: InternetSocket) async {
        guard let server = await connect() else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await Self.pass(from: client, to: server) }
            group.addTask { await Self.pass(from: server, to: client) }
        }
    }

    /// A connection to the container; nil when it takes none.
    private func connect() async -> InternetSocket? {
        guard let place = target() else { return nil }
        let result = await within(Self.patience) { () throws -> InternetSocket in
            let socket = try InternetSocket(.stream, family: place.address.family)
            try socket.connect(place)
            try await Readiness.writable(socket.fd)
            try socket.finishConnecting(to: place)
            return socket
        }
        return result
    }

    /// Everything of one direction, and its end; what is broken ends the other direction, too.
    private static func pass(from source: InternetSocket, to sink: InternetSocket) async {
        do {
            while true {
                let bytes = try await source.fd.read(upTo: atOnce)
                guard !bytes.isEmpty else { break }
                try await sink.fd.write(bytes)
            }
            sink.fd.with { _ = shutdown($0, CInt(SHUT_WR)) }
        } catch {
            for socket in [source, sink] {
                socket.fd.with { _ = shutdown($0, CInt(SHUT_RDWR)) }
            }
        }
    }
}
