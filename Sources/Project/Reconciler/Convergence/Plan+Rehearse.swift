import ContainerRuntime
import Engine

extension Plan {
    /// Finds out whether all that the plan makes can be made, while nothing has been stopped for it.
    /// Containers whose image is missing are left out.
    ///
    /// - Throws: what the first step that cannot be carried out would throw.
    func rehearse(in engine: Engine) async throws {
        var removals: [RecordChange] = []
        var changes: [RecordChange] = []
        var stopping: Set<ContainerID> = []
        for step in steps {
            switch step.operation {
            case .createNetwork(let request): changes.append(.createNetwork(request))
            case .replaceNetwork(let request): changes.append(.replaceNetwork(request))
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
            case .pullImage, .buildImage, .startContainer, .restartContainer, .wait, .lookAgain,
                .killContainer, .pauseContainer, .unpauseContainer, .removeNetwork,
                .removeVolume:
                continue
            }
        }
        guard !changes.isEmpty else { return }
        try await engine.rehearse(removals + changes, stopping: stopping)
    }
}
