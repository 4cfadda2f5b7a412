import Compose
import ContainerRuntime
import Engine
import Reconciler
import Supervisor

/// What a command that stops containers may do before its turn comes: of two graces the shorter one
/// counts, also when another command, which asked first with the longer one, has the project to itself.
struct Hastening: Sendable {
    /// Whose containers are meant.
    var extent: Extent
    /// nil is each container's own.
    var grace: Duration?
    /// Hooks that the other command waits for before it starts something are ended, too: nothing of
    /// the project is to run.
    var endsHooks = false

    /// Hastens each stop that is under way, until it is cancelled.
    func hasten(_ work: ProjectWork) async {
        var hastened: Set<ContainerID> = []
        var ended: Set<ContainerID> = []
        while !Task.isCancelled {
            // `try?`: what cannot be hastened is waited for, as it would be without this.
            if let stopping = try? await stopping(work) {
                hastened.formIntersection(stopping)
                for id in stopping where hastened.insert(id).inserted {
                    try? await work.client.hasten(id, grace: grace)
                }
            }
            if endsHooks, let hooks = try? await hooks(work) {
                for id in hooks where ended.insert(id).inserted {
                    // Ends by itself: the container has a grace.
                    Task { try? await work.client.stop(id, grace: grace) }
                }
            }
            try? await Task.sleep(for: .milliseconds(100))  // `try?`: the loop ends then
        }
    }

    private func hooks(_ work: ProjectWork) async throws -> [ContainerID] {
        try await work.session.engine.containers(ofProject: work.name).filter { record in
            record.status == .running && record.labels[ComposeLabels.hook] != nil
                && extent.contains(record.service)
        }.map(\.id)
    }

    private func stopping(_ work: ProjectWork) async throws -> [ContainerID] {
        let live = try await work.client.statusIfSupervised() ?? []
        let stopping = live.filter { $0.state == .stopping }.map(\.container)
        guard extent.services != nil, !stopping.isEmpty else { return stopping }
        let meant = try await work.session.engine.containers(ofProject: work.name)
            .filter { extent.contains($0.service) }.map(\.id)
        return stopping.filter(meant.contains)
    }
}

extension Hastening {
    /// Of an `up` or `create` that stops for certain, or says how long that may take; nil for others.
    init?(_ options: UpOptions, of project: Project) {
        switch options.recreation {
        case .never: return nil
        case .whenChanged where options.grace == nil: return nil
        case .whenChanged, .always: break
        }
        self.init(extent: Extent(of: options.services, in: project), grace: options.grace)
    }
}
