import Compose
import ContainerRuntime
import Engine
import OrderedCollections

extension Plan {
    /// Finds out whether all that the plan makes can be made, while nothing has been stopped for it.
    /// Containers whose image is missing are left out.
    ///
    /// - Throws: what the first step that cannot be carried out would throw.
    func rehearse(_ project: Project, in engine: Engine) async throws {
        var removals: [RecordChange] = []
        var changes: [RecordChange] = []
        var replaced: Set<String> = []
        // Stopped and started again as they are, on networks that are not.
        var kept: [ContainerID: ContainerReference] = [:]
        var stopping: Set<ContainerID> = []
        for step in steps {
            switch step.operation {
            case .createNetwork(let request): changes.append(.createNetwork(request))
            case .replaceNetwork(let request):
                changes.append(.replaceNetwork(request))
                replaced.insert(request.name)
            case .createVolume(let request): changes.append(.createVolume(request))
            case .createContainer(let wanted):
                guard let request = wanted.request else { continue }
                changes.append(.createContainer(request))
            case .replaceContainer(let old, let wanted, let renewsVolumes):
                guard let id = old.id, let request = wanted.request else { continue }
                changes.append(.replaceContainer(id, request, renewsVolumes: renewsVolumes))
            case .stopContainer(let container, _):
                if let id = container.id { stopping.insert(id) }
            // They wait for nothing: what they take away is gone when others need its place.
            case .removeContainer(let container, _):
                if let id = container.id { removals.append(.removeContainer(id)) }
            case .succeed(let succession):
                // Of two that are both there already.
                guard let old = succession.old.id, succession.successor.id != nil else { continue }
                removals.append(.removeContainer(old))
            case .startContainer(let container):
                guard !replaced.isEmpty, let id = container.id else { continue }
                changes.append(.connect(id))
                kept[id] = container
            case .removeVolume(let name): changes.append(.removeVolume(name))
            case .pullImage, .buildImage, .restartContainer, .runHooks, .runPreStart, .wait,
                .lookAgain, .tryContainer, .leadNames, .delay, .republish,
                .killContainer, .pauseContainer, .unpauseContainer, .removeNetwork:
                continue
            }
        }
        guard !changes.isEmpty else { return }
        try await engine.rehearse(removals + changes, stopping: stopping) {
            [kept, replaced] change, error in
            guard case .connect(let id) = change, let container = kept[id] else { return error }
            return ReconcilerError([
                .init(project, keeps: container, on: replaced, because: error.reason)
            ])
        }
    }
}

extension ReconcilerError.Problem {
    /// A container that the plan keeps, and that could not run on a network as that will be.
    fileprivate init(
        _ project: Project,
        keeps container: ContainerReference,
        on networks: Set<String>,
        because reason: String
    ) {
        let service = container.service
        // One that was not named is among those that are disabled.
        let declared = project.declaredService(service)
        let remedy =
            declared == nil
            ? "`berth up -d --remove-orphans` removes it"
            : "`berth up -d` of all services, without --no-recreate, recreates it as well"
        self.init(
            "",
            "container \(container.name) is kept as it is, and could not be started again on the "
                + "network that is replaced: \(reason)",
            remedy: remedy
        )
        let place = declared?.networks.first { key, attachment in
            (attachment.ipv4Address != nil || attachment.ipv6Address != nil)
                && networks.contains(project.networks[key]?.name ?? key)
        }
        path = place.map { key, attachment in
            let field = attachment.ipv4Address == nil ? "ipv6_address" : "ipv4_address"
            return "services.\(service).networks.\(key).\(field)"
        }
    }
}
