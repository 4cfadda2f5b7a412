package import Engine
import Linux

extension SupervisorClient {
    /// Ends the connection. A supervisor that has nothing to do any more ends then, and this
    /// returns only after it did, so that the next command finds nothing of it. One that somebody
    /// else has come to meanwhile stays, and is not waited for.
    package func close() async throws {
        await settle()
        guard let link = takeLink() else { return }
        let answer: ProcessStatus?
        do { answer = try await ping(over: link) } catch is SupervisorLink.Lost { answer = nil }
        // Opened while it lives for sure: as long as this client is connected.
        let last = try answer.flatMap { try $0.isLast ? ProcessFD(opening: $0.processID) : nil }
        link.close()
        guard let last else { return }
        var patience: Duration = .milliseconds(50)
        while try await !ends(last, within: patience) {
            if try await stays(last.pid) { return }
            patience = min(patience * 2, .seconds(1))
        }
    }

    /// Gives a network whose record is gone to the supervisor, when there is one: what takes the kernel
    /// long is done after its answer. False when it does not take it.
    package func cut(_ network: RetiredNetwork) async -> Bool {
        guard let link = openLink else { return false }
        // `try?`: one of an earlier version does not know what is meant.
        let reply = try? await explainingDelay(of: .cut(network)) {
            try await link.ask(.cut(network))
        }
        return reply == .done
    }

    /// Ends the connection to the supervisor of a project of which nothing is left: it goes on by itself,
    /// and takes the project's locks and sockets with it. False when there is none, or when somebody
    /// else is with it.
    package func leaveForGood() async -> Bool {
        guard let link = takeLink() else { return false }
        defer { link.close() }
        // `try?`: one of an earlier version does not know what is meant.
        guard case .pong(let status)? = try? await link.ask(.forget), status.isLast else {
            return false
        }
        hasLeftForGood = true
        return true
    }

    /// Whether the process is there for somebody else, or another one has taken its place.
    private func stays(_ process: Int32) async throws -> Bool {
        let connection: UnixConnection
        // Nobody listens any more: it is about to end.
        do { connection = try .connect(to: layout.supervisorSocket(project)) } catch {
            return false
        }
        let link = SupervisorLink(connection)
        // Ends with the connection, just below.
        Task { await link.run() }
        defer { link.close() }
        do {
            guard let status = try await ping(over: link) else { return true }
            return status.processID != process || !status.isLast
        } catch is SupervisorLink.Lost {
            return false
        }
    }

    private func ping(over link: SupervisorLink) async throws -> ProcessStatus? {
        let reply = try await explainingDelay(of: .ping) { try await link.ask(.ping) }
        guard case .pong(let status) = reply else { return nil }
        return status
    }

    /// False when the time is over first.
    private func ends(_ process: ProcessFD, within limit: Duration) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await process.waitForExit()
                return true
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? true
        }
    }
}

extension ProcessStatus {
    /// Nothing is left to supervise, and nobody but who asked is connected.
    fileprivate var isLast: Bool { containers == 0 && clients == 1 }
}
