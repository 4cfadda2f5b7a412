import Compose
import ContainerRuntime
import Engine
import OCI
import OrderedCollections
import Synchronization

/// Carries out the operations of one walk. Decides nothing; knows only which container has which
/// identifier once it is made.
final class Performance: Sendable {
    private let name: String
    private let project: Project?
    private let engine: Engine
    private let control: any ContainerControl
    private let images: ImageSource
    private let made = Mutex<[String: ContainerID]>([:])

    init(
        name: String,
        project: Project?,
        engine: Engine,
        control: any ContainerControl,
        images: ImageSource
    ) {
        self.name = name
        self.project = project
        self.engine = engine
        self.control = control
        self.images = images
    }

    func perform(_ operation: Plan.Operation) async throws -> StepOutcome {
        switch operation {
        case .pullImage(let reference, _):
            try await images.pull(reference)
        case .buildImage(let service, let reference):
            try await build(service, reference)
        case .createNetwork(let draft):
            _ = try await engine.createNetwork(NetworkRequest(draft, project: name))
        case .createVolume(let draft):
            _ = try await engine.createVolume(try VolumeRequest(draft, project: name))
        case .createContainer(let draft):
            for record in try await engine.createContainers([try request(draft)]) {
                note(record)
            }
        case .replaceContainer(let old, let draft, let renewsVolumes):
            note(
                try await engine.replaceContainer(
                    try id(of: old),
                    with: try request(draft),
                    renewsVolumes: renewsVolumes
                )
            )
        case .startContainer(let container):
            try await control.start(try id(of: container))
        case .wait(let container, let condition, let required):
            return try await wait(for: container, until: condition, required: required)
        case .stopContainer(let container, let grace):
            try await control.stop(try id(of: container), grace: grace)
        case .restartContainer(let container, let grace):
            try await control.restart(try id(of: container), grace: grace)
        case .removeContainer(let container, let withAnonymousVolumes):
            try await engine.removeContainers(
                [try id(of: container)],
                withAnonymousVolumes: withAnonymousVolumes
            )
        case .removeNetwork(let name):
            return try await unlessInUse { try await self.engine.removeNetwork(named: name) }
        case .removeVolume(let name):
            return try await unlessInUse { try await self.engine.removeVolume(named: name) }
        }
        return .done
    }

    private func build(_ name: String, _ reference: String) async throws {
        guard let service = project?.services[name] ?? project?.disabledServices[name] else {
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

    private func wait(
        for container: ContainerReference,
        until condition: Condition,
        required: Bool
    ) async throws -> StepOutcome {
        do {
            let outcome = try await control.wait(for: try id(of: container), until: condition)
            guard let reason = condition.failure(outcome, of: container) else { return .done }
            throw ReconcilerError(
                "",
                reason,
                remedy: "`berth logs \(container.service)` may say why"
            )
        } catch  where !required && !(error is CancellationError) {
            return .ignored("\(error)")
        }
    }

    private func note(_ record: ContainerRecord) {
        made.withLock { $0[record.name] = record.id }
    }

    private func id(of container: ContainerReference) throws -> ContainerID {
        if let id = container.id ?? made.withLock({ $0[container.name] }) { return id }
        throw ReconcilerError("container \(container.name)", "was not made")
    }

    private func request(_ draft: ContainerDraft) throws -> ContainerRequest {
        guard let spec = draft.spec else {
            preconditionFailure("a plan that is not complete is not walked")
        }
        var request = ContainerRequest(name: draft.name, spec: spec)
        request.project = name
        request.service = draft.service
        request.number = draft.number
        request.labels = draft.labels
        request.labels[ComposeLabels.configHash] = try SpecHash.hash(of: spec).hex
        request.labels[ComposeLabels.image] = spec.image.description
        return request
    }
}

extension Condition {
    /// Why a wait was in vain, in docker compose's words; nil when it was not.
    func failure(_ outcome: WaitOutcome, of container: ContainerReference) -> String? {
        let start = self == .ready ? "" : "dependency failed to start: "
        switch (self, outcome) {
        case (_, .met), (.completedSuccessfully, .exited(code: 0)): return nil
        case (.completedSuccessfully, .exited(let code)):
            return "service \"\(container.service)\" didn't complete successfully: exit \(code)"
        case (_, .unhealthy): return "\(start)container \(container.name) is unhealthy"
        case (_, .exited(let code)): return "\(start)container \(container.name) exited (\(code))"
        case (_, .noHealthcheck):
            return "\(start)container \(container.name) has no healthcheck configured"
        }
    }
}

extension NetworkRequest {
    fileprivate init(_ draft: NetworkDraft, project: String) {
        self.init(name: draft.name)
        self.project = project
        key = draft.labels[ComposeLabels.network]
        isInternal = draft.isInternal
        subnet = draft.subnet
        gateway = draft.gateway
        ipRange = draft.ipRange
        labels = draft.labels
    }
}

extension VolumeRequest {
    fileprivate init(_ draft: VolumeDraft, project: String) throws(ReconcilerError) {
        guard draft.driver == "local", draft.driverOptions.isEmpty else {
            throw ReconcilerError(
                "volume \(draft.name)",
                "drivers and their options are not supported yet",
                remedy: "leave `driver` and `driver_opts` out"
            )
        }
        self.init(name: draft.name)
        self.project = project
        key = draft.labels[ComposeLabels.volume]
        labels = draft.labels
    }
}
