import Addresses
import Glibc
import Linux

/// Passes connections on: both directions until their ends, each end by itself.
struct StreamRelay: Sendable {
    /// Listens.
    var socket: InternetSocket
    /// Where to; nil while there is nothing to reach.
    var target: @Sendable () -> SocketAddress?
    var share: PortShare
    /// Called once, when no more are served.
    var full: @Sendable (_ served: Int) -> Void

    /// What a container that does not answer costs a client.
    private static let patience: Duration = .seconds(30)
    private static let pause: Duration = .milliseconds(100)

    /// Serves until the task is cancelled, or the socket itself is broken.
    func serve() async {
        await withDiscardingTaskGroup { group in
            // `try?`: either way there is nothing more to serve.
            while (try? await Readiness.readable(socket.fd)) != nil {
                guard share.begin(isFirst: full) else {
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
        // `try?`: no thread for it is the client's end, too.
        guard let loop = try? RelayLoop.shared() else { return }
        for socket in [client, server] { KeepAlive.set(on: socket) }
        await loop.pass(client, server)
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
}

/// A client that vanished without a word holds its place no longer than with docker's proxy, whose
/// sockets ask as often.
private enum KeepAlive {
    private static let seconds: CInt = 15
    private static let probes: CInt = 9

    static func set(on socket: InternetSocket) {
        let options: [(level: CInt, name: CInt, value: CInt)] = [
            (SOL_SOCKET, SO_KEEPALIVE, 1),
            (CInt(IPPROTO_TCP), TCP_KEEPIDLE, seconds),
            (CInt(IPPROTO_TCP), TCP_KEEPINTVL, seconds),
            (CInt(IPPROTO_TCP), TCP_KEEPCNT, probes),
        ]
        socket.fd.with { fd in
            for option in options {
                var value = option.value
                // One that it cannot have is no reason not to serve it.
                _ = setsockopt(
                    fd,
                    option.level,
                    option.name,
                    &value,
                    socklen_t(MemoryLayout<CInt>.size)
                )
            }
        }
    }
}
