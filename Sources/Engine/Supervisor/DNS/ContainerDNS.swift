import Addresses
package import DNS
package import Linux
import Synchronization

/// The name server of one container: answers what the container asks at 127.0.0.11.
///
/// It serves two sockets in the container's network namespace and asks upstream servers from the
/// supervisor's own. Nothing that a container sends ends it. Names of ours are always answered; of
/// what goes to upstream servers a container that asks too much hears that it failed, and it takes
/// nothing from the others.
package struct ContainerDNS: Sendable {
    private let udp: InternetSocket
    private let tcp: InternetSocket
    private let upstream: @Sendable () async -> UpstreamServers
    private let zone: @Sendable () async -> Zone
    private let limits = Limits()

    /// - Parameters:
    ///   - udp: Bound, does not block.
    ///   - tcp: Listening, does not block.
    ///   - upstream: The servers to ask, at most three are; called for each query to forward.
    ///   - zone: The names the container may ask for; called for each query.
    package init(
        udp: SharedFD,
        tcp: SharedFD,
        upstream: @escaping @Sendable () async -> UpstreamServers,
        zone: @escaping @Sendable () async -> Zone
    ) {
        self.udp = InternetSocket(udp)
        self.tcp = InternetSocket(tcp)
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
                    // A flood leaves the threads to others, too.
                    await Task.yield()
                    switch await decide(bytes, over: .udp) {
                    case .ignore: break
                    case .reply(let reply): send(reply, to: sender)
                    case .forward(let query):
                        guard limits.beginForwarding() else {
                            send(query.serverFailure, to: sender)
                            continue
                        }
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
    private func send(_ reply: [UInt8], to sender: SocketAddress) {
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
                var reply: [UInt8]
                switch await decide(bytes, over: .tcp) {
                case .ignore: return
                case .reply(let bytes): reply = bytes
                case .forward(let query):
                    if limits.beginForwarding() {
                        reply = await forward(query, over: .tcp)
                        limits.end(.forwarding)
                    } else {
                        reply = query.serverFailure
                    }
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
        let zone = await zone()
        return Responder.decide(
            bytes,
            over: transport,
            zone: zone,
            turn: limits.turn(),
            allowForwarding: !zone.isSealed
        )
    }

    /// The upstream servers' answer, or that none of them gave one.
    private func forward(_ query: Query, over transport: Transport) async -> [UInt8] {
        let upstream = await upstream()
        let servers = upstream.addresses.prefix(Self.mostServers)
        var forwarded = ForwardedQuery(
            query,
            serverCount: servers.count,
            patience: upstream.patience,
            rounds: upstream.rounds
        )
        return await withTaskGroup(of: ForwardedQuery.Event.self) { group in
            defer { group.cancelAll() }
            var action = forwarded.start()
            while true {
                switch action {
                case .finish(let reply): return reply
                case .wait: break
                case .ask(let attempt, let server, let message, let patience):
                    let question = UpstreamQuestion(
                        attempt: attempt,
                        message: message,
                        server: servers[server],
                        transport: transport
                    )
                    let state = forwarded
                    group.addTask {
                        await within(patience) { try await question.ask(state) }
                            ?? .failed(attempt: attempt)
                    }
                    group.addTask {
                        // Cancelled when there is an answer: then nobody asks for it.
                        try? await Task.sleep(for: ForwardedQuery.delay)
                        return .delayed
                    }
                }
                guard let event = await group.next() else { return query.serverFailure }
                action = forwarded.handle(event)
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

    /// Whether one more query may go to the upstream servers; then `end` ends it.
    func beginForwarding() -> Bool {
        let time = ContinuousClock.now - epoch
        return state.withLock { $0.rate.admits(at: time) } && begin(.forwarding)
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
