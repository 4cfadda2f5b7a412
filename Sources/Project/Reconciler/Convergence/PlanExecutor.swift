import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Supervisor
import Synchronization

/// Carries out the operations of one walk. Decides nothing; knows only which container has which
/// identifier once it is made, and which it has stopped.
final class PlanExecutor: Sendable {
    private let name: String
    private let project: Project?
    let engine: Engine
    let supervisor: SupervisorClient
    private let images: ImageSource
    private let contents: [ContainerID: Plan.KeptContents]
    /// Hears what hooks wrote that ended well.
    private let hookWrote: @Sendable (ContainerReference, String) -> Void
    let attending: Attending?
    let made = Mutex<[String: ContainerID]>([:])
    private let stopped = Mutex<Set<ContainerID>>([])

    init(
        name: String,
        project: Project?,
        engine: Engine,
        supervisor: SupervisorClient,
        images: ImageSource,
        contents: [ContainerID: Plan.KeptContents],
        hookWrote: @escaping @Sendable (ContainerReference, String) -> Void,
        attending: Attending? = nil
    ) {
        self.name = name
        self.project = project
        self.engine = engine
        self.supervisor = supervisor
        self.images = images
        self.contents = contents
        self.hookWrote = hookWrote
        self.attending = attending
    }

    func perform(_ operation: Plan.Operation) async throws -> StepOutcome {
        switch operation {
        case .pullImage(let reference, _):
            try await images.pull(reference)
        case .buildImage(let service, let reference):
            try await build(service, reference)
        case .createNetwork(let request): _ = try await engine.createNetwork(request)
        case .replaceNetwork(let request): _ = try await engine.replaceNetwork(request)
        case .createVolume(let request): _ = try await engine.createVolume(request)
        case .createContainer(let wanted):
            for record in try await engine.createContainers([request(of: wanted)]) {
                note(record)
            }
        case .replaceContainer(let old, let wanted, let renewsVolumes):
            let request = request(of: wanted)
            try await replace(try id(of: old), with: request, renewsVolumes: renewsVolumes)
        case .startContainer(let container):
            let id = try id(of: container)
            try giveAgain(to: id)
            try await start(id, of: container)
        case .wait(let container, let condition, let required):
            return try await wait(for: container, until: condition, required: required)
        case .lookAgain(let containers):
            for container in containers {
                _ = try await wait(for: container, until: .ready, required: true)
            }
        case .stopContainer(let container, let grace):
            let id = try id(of: container)
            try await supervisor.stop(id, grace: grace)
            stopped.withLock { _ = $0.insert(id) }
        case .restartContainer(let container, let grace):
            try engine.checkRoom()
            let id = try id(of: container)
            try giveAgain(to: id)
            try await supervisor.restart(id, grace: grace)
        case .killContainer(let container, let signal):
            try await supervisor.kill(try id(of: container), signal: signal)
        case .pauseContainer(let container): try await supervisor.pause(try id(of: container))
        case .unpauseContainer(let container): try await supervisor.unpause(try id(of: container))
        case .runHooks(let container, let moment):
            return try await runHooks(moment, in: container)
        case .runPreStart(let wanted, let place):
            try await runPreStart(request(of: wanted), place)
        case .republish(let container, let request):
            try await republish(try id(of: container), as: request)
        case .tryContainer(let succession, let trial): try await attempt(succession, trial)
        case .leadNames(let succession): try await leadNames(succession)
        case .succeed(let succession): try await succeed(succession)
        case .delay(let duration, _): try await Task.sleep(for: duration)
        case .removeContainer(let container, let withAnonymousVolumes):
            try await remove(try id(of: container), withAnonymousVolumes: withAnonymousVolumes)
        case .removeNetwork(let name):
            return try await unlessInUse {
                try await self.engine.removeNetwork(named: name, disconnectsStopped: true) {
                    await self.supervisor.cut($0)
                }
            }
        case .removeVolume(let name):
            return try await unlessInUse {
                try await self.engine.removeVolume(named: name)
            }
        }
        return .done
    }

    func remove(_ id: ContainerID, withAnonymousVolumes: Bool) async throws {
        try await stoppingIfItRuns(id) {
            try await engine.removeContainers([id], withAnonymousVolumes: withAnonymousVolumes)
        }
    }

    /// One that fails is kept, with its log, until it is run again or the project goes down.
    private func runPreStart(_ request: ContainerRequest, _ place: PreStartPlace) async throws {
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
    private func giveAgain(to id: ContainerID) throws {
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

    /// One that this walk has stopped runs again when it cannot be replaced: its record and its files
    /// are as they were.
    private func replace(
        _ old: ContainerID,
        with request: ContainerRequest,
        renewsVolumes: Bool
    ) async throws {
        do {
            try await stoppingIfItRuns(old) {
                note(
                    try await engine.replaceContainer(
                        old,
                        with: request,
                        renewsVolumes: renewsVolumes
                    )
                )
            }
        } catch {
            // `try?`: the first failure is the one to report; one that is replaced is not there.
            if stopped.withLock({ $0.contains(old) }) { try? await supervisor.start(old) }
            throw error
        }
    }

    private func build(_ name: String, _ reference: String) async throws {
        guard let service = project?.declaredService(name) else {
            preconditionFailure("only a plan of a project builds images")
        }
        try await images.build(service, reference)
    }

    /// docker compose's `down` warns of what others still use and goes on; what is gone is gone.
    private func unlessInUse(_ remove: () async throws -> Void) async throws -> StepOutcome {
        do {
            try await remove()
            return .done
        } catch let error as EngineError where error.kind == .inUse {
            return .ignored("\(error)")
        } catch let error as EngineError where error.kind == .notFound {
            return .done
        }
    }

    /// A start that a killed command asked for may come through after this one has looked: what
    /// runs although the plan did not know is stopped first.
    func stoppingIfItRuns(
        _ id: ContainerID,
        _ remove: () async throws -> Void
    ) async throws {
        for _ in 0..<3 {
            do { return try await remove() } catch let error as EngineError
                where error.kind == .inUse
            {
                try await supervisor.stop(id, grace: nil)
            }
        }
        try await remove()
    }

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
    private func lastLines(of id: ContainerID) async -> Excerpt {
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

    private func note(_ record: ContainerRecord) {
        made.withLock { $0[record.name] = record.id }
    }

    func id(of container: ContainerReference) throws -> ContainerID {
        if let id = container.id ?? made.withLock({ $0[container.name] }) { return id }
        throw ReconcilerError("container \(container.name)", "was not made")
    }

    private func request(of wanted: WantedContainer) -> ContainerRequest {
        guard let request = wanted.request else {
            preconditionFailure("a plan that is not complete is not walked")
        }
        return request
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
