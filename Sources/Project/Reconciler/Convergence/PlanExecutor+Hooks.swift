import ContainerRuntime
import Engine
import Supervisor

/// What runs around the starts and stops of containers.
extension PlanExecutor {
    /// One that fails is kept, with its log, until it is run again or the project goes down.
    func runPreStart(_ request: ContainerRequest, _ place: PreStartPlace) async throws {
        let former = try await engine.containers(ofProject: request.project)
            .first { $0.name == request.name }
        if let former { try await remove(former.id, withAnonymousVolumes: true) }
        let made = try await engine.createContainers([request])
        guard let id = made.first?.id else { preconditionFailure("one was asked for") }
        let outcome: WaitOutcome
        do {
            try await supervisor.start(id)
            outcome = try await supervisor.wait(for: id, until: .gone)
        } catch {
            // `try?`: the first cause counts. In a task of its own, since a cancelled one does nothing.
            try? await Task { try await remove(id, withAnonymousVolumes: true) }.value
            throw error
        }
        guard !outcome.satisfies(.gone) else {
            return try await remove(id, withAnonymousVolumes: true)
        }
        let status = if case .exited(let code) = outcome { "status \(code)" } else { "\(outcome)" }
        var problem = ReconcilerError.Problem(
            "",
            "\(place.subject) does not start: its hook exited with \(status): \(place.hook) "
                + "`\(request.spec.process.arguments.joined(separator: " "))` in container "
                + "\(request.name), which is kept"
        )
        problem.path = place.path
        problem.container = request.name
        problem.excerpt = await lastLines(of: id)
        problem.remedy = problem.excerpt.lines.isEmpty ? "it wrote nothing" : "it wrote last:"
        throw ReconcilerError([problem])
    }

    /// Secrets are gone with the memory that they were in.
    func giveAgain(to id: ContainerID) throws {
        guard let kept = contents[id] else { return }
        try engine.give(kept.contents, to: id, of: kept.spec)
    }

    /// Until one fails, in docker compose's words. A program that is not there keeps nothing from
    /// being stopped: neither does it with docker.
    func runHooks(
        _ moment: HookMoment,
        in container: ContainerReference
    ) async throws -> StepOutcome {
        let record = try await engine.container(try id(of: container))
        for hook in try record.spec.hooks?[moment] ?? [] {
            let run: ExecOutput
            do { run = try await engine.output(of: ExecRequest(hook), in: record) } catch let error
                as EngineError
                where moment == .preStop && error.kind == .conflict
            {
                // It has ended by itself: there is nothing to be told of its end.
                return .done
            } catch let error as RuntimeError
                where moment == .preStop && [126, 127].contains(error.exitCode)
            {
                return .ignored("pre_stop: \(error.message)")
            }
            guard run.code != 0 else {
                if !run.text.isEmpty { hookWrote(container, run.text) }
                continue
            }
            var problem = ReconcilerError.Problem(
                "",
                "\(container.service) hook exited with status \(run.code): \(moment.rawValue) "
                    + "`\(hook.arguments.joined(separator: " "))` in container \(container.name)"
            )
            problem.excerpt = Excerpt(of: run.text)
            problem.remedy = problem.excerpt.lines.isEmpty ? "it wrote nothing" : "it wrote last:"
            throw ReconcilerError([problem])
        }
        return .done
    }
}
