import ContainerRuntime
import Engine
import Supervisor

/// Waits, and why they were in vain.
extension PlanExecutor {
    func wait(
        for container: ContainerReference,
        until condition: WaitCondition,
        required: Bool
    ) async throws -> StepOutcome {
        do {
            let id = try id(of: container)
            let outcome = try await supervisor.wait(for: id, until: condition)
            guard let reason = condition.failure(outcome, of: container) else {
                return condition == .ready && outcome == .exited(code: 0) ? .completed : .done
            }
            throw ReconcilerError([await problem(reason, outcome, id, container)])
        } catch  where !required && !(error is CancellationError) {
            return .ignored(
                "Skipped: optional dependency \"\(container.service)\" failed to start: \(error)"
            )
        }
    }

    /// What went wrong, with what the program or its check said last.
    private func problem(
        _ reason: String,
        _ outcome: WaitOutcome,
        _ id: ContainerID,
        _ container: ContainerReference
    ) async -> ReconcilerError.Problem {
        var problem = ReconcilerError.Problem("", reason)
        problem.container = container.name
        let logs = "`berth logs \(container.service)`"
        switch outcome {
        case .unhealthy(let check?) where check.exitCode < 0:
            problem.reason += ": \(Excerpt(of: check.output).lines.joined(separator: " "))"
        case .unhealthy(let check?):
            problem.excerpt = Excerpt(of: check.output)
            problem.reason += ": its check ended with \(check.exitCode) and said "
            problem.reason += problem.excerpt.lines.isEmpty ? "nothing" : "last:"
            problem.log = await lastLines(of: id)
        case .exited, .exitedAgain:
            problem.excerpt = await lastLines(of: id)
            problem.remedy =
                problem.excerpt.lines.isEmpty
                ? "it wrote nothing" : "\(logs) shows more than its last lines:"
        case .met, .unhealthy(nil): problem.remedy = "\(logs) may say why"
        // Nothing that it does is why.
        case .noHealthcheck: break
        }
        return problem
    }

    /// Of its last run.
    func lastLines(of id: ContainerID) async -> Excerpt {
        var selection = LogSelection()
        selection.tail = Excerpt.maximumLines
        // `try?`: without its record it is the last lines of all runs.
        selection.since = try? await engine.container(id).startedAt
        var text = ""
        // `try?`: a log that cannot be read is no reason to hide what failed.
        try? await engine.readLogs(of: [id], selection) { lines in
            for line in lines {
                text += String(decoding: line.bytes, as: UTF8.self)
                if line.bytes.last != UInt8(ascii: "\n") { text += "\n" }
            }
        }
        return Excerpt(of: text)
    }
}

extension WaitCondition {
    /// Why a wait was in vain, in docker compose's words; nil when it was not.
    func failure(_ outcome: WaitOutcome, of container: ContainerReference) -> String? {
        if outcome.satisfies(self) { return nil }
        let start = self == .ready ? "" : "dependency failed to start: "
        switch (self, outcome) {
        case (_, .met): return nil
        case (.gone, .exited(let code)):
            return "service \"\(container.service)\" didn't complete successfully: exit \(code)"
        case (_, .unhealthy): return "\(start)container \(container.name) is unhealthy"
        case (_, .exited(let code)): return "\(start)container \(container.name) exited (\(code))"
        case (_, .exitedAgain(let code, let times)):
            return "\(start)container \(container.name) exited (\(code)), \(times) times in a row"
        case (_, .noHealthcheck):
            return "\(start)container \(container.name) has no healthcheck configured"
        }
    }
}
