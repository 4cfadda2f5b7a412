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
    let contents: [ContainerID: Plan.KeptContents]
    /// Hears what hooks wrote that ended well.
    let hookWrote: @Sendable (ContainerReference, String) -> Void
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
