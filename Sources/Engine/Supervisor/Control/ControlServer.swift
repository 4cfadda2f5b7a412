import Glibc
package import Linux

/// Serves the control protocol on a listening socket: every request of every client gets its reply
/// from one closure, requests of one client at the same time.
package struct ControlServer: Sendable {
    /// Lines a client may be behind before it is cut off.
    private static let backlog = 4096

    private let trusts: @Sendable (PeerCredentials) -> Bool
    private let answer: @Sendable (Request.Verb) async -> Reply
    private let events: @Sendable () async -> AsyncStream<SupervisorEvent>
    private let admit: @Sendable () async -> Bool
    private let left: @Sendable () async -> Void

    /// `events` begins a new stream for a client that watches. `admit` says whether a client that
    /// has come is served; `left` is told of each such client's end, after its last reply.
    ///
    /// `trusts` says whose requests are heard: those of the supervisor's own user, who could do all
    /// of it himself. The socket's mode says the same; here it is said again by the kernel.
    package init(
        trusts: @escaping @Sendable (PeerCredentials) -> Bool = { $0.uid == geteuid() },
        answer: @escaping @Sendable (Request.Verb) async -> Reply,
        events: @escaping @Sendable () async -> AsyncStream<SupervisorEvent>,
        admit: @escaping @Sendable () async -> Bool,
        left: @escaping @Sendable () async -> Void
    ) {
        self.trusts = trusts
        self.answer = answer
        self.events = events
        self.admit = admit
        self.left = left
    }

    /// Accepts clients until its task is cancelled, then cuts them off.
    package func serve(_ listener: UnixListener) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let connection: UnixConnection
                do { connection = try await listener.accept() } catch let error as SyscallError
                    where Self.passes(error)
                {
                    try await Task.sleep(for: .milliseconds(100))
                    continue
                }
                // `try?`: a client whose user the kernel does not tell is refused.
                guard let peer = try? connection.peer(), trusts(peer), await admit() else {
                    connection.shutDown()
                    continue
                }
                group.addTask {
                    await serve(connection)
                    await left()
                }
            }
        }
    }

    /// Whether the machine is only short of something now: then clients wait until it has it again.
    private static func passes(_ error: SyscallError) -> Bool {
        [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errno)
    }

    /// Serves one client to its end. What it asked for and did not wait for is still done; its
    /// waits are dropped.
    package func serve(_ connection: UnixConnection) async {
        let (lines, outbox) = AsyncStream.makeStream(
            of: [UInt8].self,
            bufferingPolicy: .bufferingOldest(Self.backlog)
        )
        await withTaskGroup { group in
            group.addTask {
                for await line in lines {
                    do { try await connection.write(line) } catch { break }
                }
                connection.shutDown()
            }
            group.addTask {
                await receive(from: connection, outbox: outbox)
                outbox.finish()
            }
        }
    }

    private func receive(
        from connection: UnixConnection,
        outbox: AsyncStream<[UInt8]>.Continuation
    ) async {
        let send: @Sendable (ServerLine) -> Void = { line in
            // A reply is made of our own types, which encode.
            guard let bytes = try? ControlProtocol.line(line) else { return }
            if case .dropped = outbox.yield(bytes) { connection.shutDown() }
        }
        await withTaskGroup { group in
            var reader = LineReader(connection, limit: ControlProtocol.maximumLineBytes)
            while true {
                let request: Request
                do {
                    guard let line = try await reader.next() else { break }
                    request = try ControlProtocol.read(Request.self, from: line)
                } catch {
                    // Without a number there is nothing to reply to: the client hears the end.
                    break
                }
                group.addTask { await reply(to: request, send) }
            }
            group.cancelAll()
        }
    }

    private func reply(
        to request: Request,
        _ send: @escaping @Sendable (ServerLine) -> Void
    ) async {
        guard request.version == ControlProtocol.version else {
            let error = SupervisorError(
                .protocolViolation,
                "the supervisor speaks version \(ControlProtocol.version) of its protocol, the "
                    + "command version \(request.version); `berth down` and `up` renew it"
            )
            return send(.reply(number: request.number, .failed(error)))
        }
        guard request.verb == .watch else {
            CrashPoint.requestTaken.pass()
            let reply = await answer(request.verb)
            CrashPoint.requestDone.pass()
            return send(.reply(number: request.number, reply))
        }
        let events = await events()
        send(.reply(number: request.number, .done))
        for await event in events { send(.event(event)) }
    }
}
