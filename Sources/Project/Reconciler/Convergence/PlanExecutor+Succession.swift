import ContainerRuntime
import Engine
import Supervisor
import Synchronization

/// A new container beside the old one that it is to replace.
extension PlanExecutor {
    /// Starts it and looks whether it becomes ready. One that does not is removed, and the old one
    /// runs as before.
    func attempt(_ succession: Succession, _ trial: Trial) async throws {
        do {
            let new = succession.successor
            try await supervisor.start(try id(of: new))
            _ = try await runHooks(.postStart, in: new)
            try await ready(succession)
            guard trial.monitor > .zero else { return }
            try await Task.sleep(for: trial.monitor)
            try await ready(succession)
        } catch {
            // In a task of its own, since a cancelled one does nothing.
            let left = await Task {
                await takeBack([succession], startsFirst: trial.startsFirst)
                    + takeBack(trial.takesBack.reversed(), startsFirst: trial.startsFirst)
            }.value
            if error is CancellationError { throw error }
            throw explained(error, succession, trial, left)
        }
    }

    private func ready(_ succession: Succession) async throws {
        let told = ContainerReference(
            name: succession.words,
            service: succession.successor.service,
            id: try id(of: succession.successor)
        )
        _ = try await wait(for: told, until: .ready, required: true)
    }

    /// Removes new ones and lets the old ones run again: before that, where both can run, and so that
    /// whoever asks for their names meets one that is ready.
    /// - Returns: what could not be done.
    private func takeBack(_ all: [Succession], startsFirst: Bool) async -> [String] {
        var left: [String] = []
        for succession in all {
            if startsFirst {
                left += await startOld(of: succession)
                await leadBack(succession)
            }
            do {
                let new = try id(of: succession.successor)
                try await supervisor.stop(new, grace: nil)
                // What it has inherited is still the old one's.
                try await remove(new, withAnonymousVolumes: true)
            } catch { left.append("\(succession.words) could not be removed: \(error)") }
            if !startsFirst { left += await startOld(of: succession) }
        }
        return left
    }

    private func startOld(of succession: Succession) async -> [String] {
        do {
            try await supervisor.start(try id(of: succession.old))
            return []
        } catch { return ["\(succession.old.name) could not be started again: \(error)"] }
    }

    /// `try?`: one that does not become ready is no reason to keep what failed.
    private func leadBack(_ succession: Succession) async {
        guard let old = try? id(of: succession.old),
            let new = try? id(of: succession.successor)
        else { return }
        _ = try? await supervisor.wait(for: old, until: .ready)
        try? await leadNames(of: new, to: old)
    }

    private func explained(
        _ error: any Error,
        _ succession: Succession,
        _ trial: Trial,
        _ left: [String]
    ) -> ReconcilerError {
        var problem =
            (error as? ReconcilerError)?.problems.first
            ?? ReconcilerError.Problem("", "container \(succession.words): \(error)")
        problem.reason =
            (trial.takesBack.isEmpty
                ? "container \(succession.old.name) runs on as it was: "
                : "container \(succession.old.name) and those replaced before it run on as they were: ")
            + problem.reason
        problem.container = succession.old.name
        if !left.isEmpty { problem.reason += "; " + left.joined(separator: "; ") }
        if problem.excerpt.lines.isEmpty {
            problem.remedy = nil
        } else if problem.remedy != nil {
            problem.remedy = "it wrote last:"
        }
        return ReconcilerError([problem])
    }

    /// Who has asked for a name before may be about to connect: the old one is there for them.
    func leadNames(_ succession: Succession) async throws {
        try await leadNames(of: try id(of: succession.old), to: try id(of: succession.successor))
    }

    private func leadNames(of old: ContainerID, to new: ContainerID) async throws {
        let audience = try await engine.leadNames(of: old, to: new)
        // The name servers of the project hear of it by that.
        try await supervisor.update(new)
        switch audience {
        case .nobody: return
        case .project: try await Task.sleep(for: NamePace.connecting)
        case .others: try await Task.sleep(for: NamePace.freshness + NamePace.connecting)
        }
    }

    /// The end of the old one: the new one has its name from now on.
    func succeed(_ succession: Succession) async throws {
        let (old, new) = (try id(of: succession.old), try id(of: succession.successor))
        try await stoppingIfItRuns(old) {
            try await engine.succeed(old, by: new, renewsVolumes: succession.renewsVolumes)
        }
        made.withLock { $0[succession.old.name] = new }
        // Its supervisor tells others by that name.
        try await supervisor.update(new)
    }
}
