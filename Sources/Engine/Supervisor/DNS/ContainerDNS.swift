package import DNS
package import Linux
import Synchronization

/// The name server of one container: answers what the container asks at 127.0.0.11.
///
/// It serves two sockets in the container's network namespace and asks upstream servers from the
/// supervisor's own. Nothing that a container sends ends it; a container that asks too much loses
/// questions, and takes nothing from the others.
package struct ContainerDNS: Sendable {
    private let udp: InternetSocket
    private let tcp: InternetSocket
    private let allowForwarding: Bool
    private let upstream: @Sendable () async -> [InternetAddress]
    private let zone: @Sendable () async -> Zone
    private let limits = Limits()

    /// - Parameters:
    ///   - udp: Bound, does not block.
    ///   - tcp: Listening, does not block.
    ///   - allowForwarding: False when all of the container's networks are internal: then no name
    ///     leaves the machine.
    ///   - upstream: The servers to ask, at most three are; called for each query to forward.
    ///   - zone: The names the container may ask for; called for each query.
    package init(
        udp: SharedFD,
        tcp: SharedFD,
        allowForwarding: Bool,
        upstream: @escaping @Sendable () async -> [InternetAddress],
        zone: @escaping @Sendable () async -> Zone
    ) {
        self.udp = InternetSocket(udp)
        self.tcp = InternetSocket(tcp)
        self.allowForwarding = allowForwarding
        self.upstream = upstream
        self.zone = zone
    }

    /// Serves until the task is cancelled, or a socket itself is broken.
    package func serve() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await serveDatagrams() }
            group.addTask { await serveConnections() }
        }
    }

    /// resolv.conf(5) `MAXNS`.
    private static let mostServers = 3
    private static let idle: Duration = .seconds(5)

    // MARK: UDP

    private func serveDatagrams() async {
        await withDiscardingTaskGroup { group in
            while await Self.isReady(udp) {
                // As many as are there, before waiting again. An error is about an answer that
                // nobody waited for.
                while !Task.isCancelled, let (bytes, sender) = try? udp.receiveNow() {
                    guard limits.admit() else { continue }
                    switch await decide(bytes, over: .udp) {
                    case .ignore: break
                    case .reply(let reply): send(reply, to: sender)
                    case .forward(let query):
                        guard limits.begin(.forwarding) else { continue }
                        group.addTask {
                            send(await forward(query, over: .udp), to: sender)
                            limits.end(.forwarding)
                        }
                    }
                }
            }
        }
    }

    /// An answer that cannot be sent is lost, as any datagram may be: the asker asks again.
    private func send(_ reply: [UInt8], to sender: InternetAddress) {
        _ = try? udp.sendNow(reply, to: sender)
    }

    // MARK: TCP

    private func serveConnections() async {
        await withDiscardingTaskGroup { group in
            while await Self.isReady(tcp) {
                // An error is about a connection that went away while it waited.
                while !Task.isCancelled, let connection = try? tcp.acceptNow() {
                    // Too many: closing this one tells the asker to come again.
                    guard limits.begin(.connection) else { continue }
                    group.addTask {
                        await serve(connection)
                        limits.end(.connection)
                    }
                }
            }
        }
    }

    /// One connection, until it ends, is idle for too long, or anything is wrong with it.
    private func serve(_ connection: InternetSocket) async {
        var frames = StreamFrames()
        while !Task.isCancelled {
            while let bytes = frames.next() {
                guard limits.admit() else { return }
                var reply: [UInt8]
                switch await decide(bytes, over: .tcp) {
                case .ignore: return
                case .reply(let bytes): reply = bytes
                case .forward(let query):
                    guard limits.begin(.forwarding) else { return }
                    reply = await forward(query, over: .tcp)
                    limits.end(.forwarding)
                }
                let framed = StreamFrames.frame(reply)
                let sent: Void? = await within(Self.idle) { try await connection.fd.write(framed) }
                if sent == nil { return }
            }
            let bytes = await within(Self.idle) { try await connection.fd.read(upTo: 4096) }
            guard let bytes, !bytes.isEmpty else { return }
            frames.receive(bytes)
        }
    }

    // MARK: Both

    /// Waits for something to come; false when the task is cancelled or the socket is broken.
    private static func isReady(_ socket: InternetSocket) async -> Bool {
        // `try?`: either way there is nothing more to serve.
        (try? await Readiness.readable(socket.fd)) != nil
    }

    private func decide(_ bytes: [UInt8], over transport: Transport) async -> Decision {
        Responder.decide(
            bytes,
            over: transport,
            zone: await zone(),
            turn: limits.turn(),
            allowForwarding: allowForwarding
        )
    }

    /// Asks the upstream servers; the answer may be that none answered.
    private func forward(_ query: Query, over transport: Transport) async -> [UInt8] {
        let servers = await upstream().prefix(Self.mostServers)
        var forwarded = ForwardedQuery(query, serverCount: servers.count)
        var action = forwarded.start()
        while true {
            guard case .ask(let server, let message, let patience) = action else {
                guard case .finish(let reply) = action else { return query.serverFailure }
                return reply
            }
            let upstream = UpstreamQuestion(message, servers[server], transport)
            let state = forwarded
            // Whatever happens to the state while an answer is awaited, comes back with it.
            let result = await within(patience) { try await upstream.ask(state) }
            if let result {
                (forwarded, action) = result
            } else {
                action = forwarded.handle(.failed)
            }
        }
    }
}

/// One attempt at one upstream server.
private struct UpstreamQuestion: Sendable {
    private let message: [UInt8]
    private let server: InternetAddress
    private let transport: Transport

    init(_ message: [UInt8], _ server: InternetAddress, _ transport: Transport) {
        self.message = message
        self.server = server
        self.transport = transport
    }

    /// Sends it from a new socket, whose port the kernel chooses at random, and listens until the
    /// query knows what to do next.
    func ask(
        _ query: ForwardedQuery
    ) async throws -> (ForwardedQuery, ForwardedQuery.Action) {
        var query = query
        let socket = try InternetSocket(transport == .udp ? .datagram : .stream)
        // Connected, so that only the server's datagrams arrive and its absence is noticed.
        try socket.connect(server)
        try await Readiness.writable(socket.fd)
        try await socket.fd.write(transport == .udp ? message : StreamFrames.frame(message))
        var frames = StreamFrames()
        while true {
            let bytes = try await socket.fd.read(upTo: 65536)
            guard transport == .tcp else {
                let action = query.handle(.received(bytes))
                if action != .wait { return (query, action) }
                continue
            }
            if bytes.isEmpty { return (query, query.handle(.failed)) }
            frames.receive(bytes)
            while let message = frames.next() {
                let action = query.handle(.received(message))
                if action != .wait { return (query, action) }
            }
        }
    }
}

/// What one container may use of its name server.
private final class Limits: Sendable {
    enum Use: Hashable { case forwarding, connection }

    private struct State {
        var rate = RateLimit(perSecond: 1000)
        var inUse: [Use: Int] = [:]
        var turn: UInt64 = 0
    }

    private static let most: [Use: Int] = [.forwarding: 256, .connection: 64]
    private let epoch = ContinuousClock.now
    private let state = Mutex(State())

    /// Whether one more query is looked at.
    func admit() -> Bool {
        let time = ContinuousClock.now - epoch
        return state.withLock { $0.rate.admits(at: time) }
    }

    /// Whether one more may begin; then `end` ends it.
    func begin(_ use: Use) -> Bool {
        state.withLock { state in
            guard state.inUse[use, default: 0] < Self.most[use, default: 0] else { return false }
            state.inUse[use, default: 0] += 1
            return true
        }
    }

    func end(_ use: Use) { state.withLock { $0.inUse[use, default: 1] -= 1 } }

    /// Counts answers, so that addresses take turns.
    func turn() -> UInt64 {
        state.withLock { state in
            defer { state.turn += 1 }
            return state.turn
        }
    }
}
