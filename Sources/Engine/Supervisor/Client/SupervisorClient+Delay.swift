import ContainerRuntime
import Engine
import Linux

extension SupervisorClient {
    /// Does something that waits for the supervisor. When that takes long and it is not what was
    /// asked for that does, says what is waited for.
    func explainingDelay<R: Sendable>(
        of verb: Request.Verb,
        _ body: () async throws -> R
    ) async throws -> R {
        // Cancelled as soon as the answer is there.
        let looking = Task { await lookIntoDelay(of: verb) }
        defer { looking.cancel() }
        return try await body()
    }

    private func lookIntoDelay(of verb: Request.Verb) async {
        var delay = patience
        while true {
            do { try await Task.sleep(for: delay) } catch { return }
            let reason = await reasonForDelay(of: verb)
            guard !Task.isCancelled else { return }
            if let reason, noticed.insert(reason).inserted { notice(reason) }
            delay = min(delay * 2, .seconds(60))
        }
    }

    /// nil when all is well, and only what was asked for takes its time.
    private func reasonForDelay(of verb: Request.Verb) async -> String? {
        guard let link = openLink, let live = await status(over: link) else {
            return supervisorsDelay()
        }
        guard let id = verb.container, let container = live.first(where: { $0.container == id }),
            let keeper = container.keeperID
        else { return nil }
        return StoppedProcess.words(
            keeper,
            "waiting for container \(container.name), whose keeper (process \(keeper))"
        )
    }

    /// nil when there is no answer at once.
    private func status(over link: SupervisorLink) async -> [LiveContainer]? {
        await withTaskGroup(of: [LiveContainer]?.self) { group in
            group.addTask {
                // `try?`: no answer is what is found out here.
                guard case .status(let live) = try? await link.ask(.status) else { return nil }
                return live
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(1))  // `try?`: the answer came
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func supervisorsDelay() -> String? {
        let role = "waiting for the supervisor of project \(project)"
        // `try?`: a lock file that cannot be read names nobody.
        guard let holder = try? SupervisorMark.holder(in: layout.supervisorLock(project)) else {
            return "\(role) to begin"
        }
        return StoppedProcess.words(holder.pid, "\(role) (process \(holder.pid)), which")
            ?? "\(role) (process \(holder.pid)), which does not answer"
    }
}

extension Request.Verb {
    /// The container it is about.
    fileprivate var container: ContainerID? {
        switch self {
        case .start(let id), .startAttended(let id), .attended(let id), .stop(let id, _, _),
            .hasten(let id, _), .restart(let id, _),
            .kill(let id, _), .pause(let id), .unpause(let id), .update(let id),
            .wait(let id, _):
            id
        case .ping, .status, .watch, .cut, .forget: nil
        }
    }
}
