package import Compose
import OrderedCollections
import Supervisor

extension Plan {
    /// `kill`: a signal to what runs, in no order. Without `withOrphans`, containers of services
    /// that the file does not have are left alone.
    package static func kill(
        _ project: Project?,
        observed: Observed,
        services: [String] = [],
        signal: Int32,
        withOrphans: Bool = false
    ) -> Plan {
        let extent = Extent(of: services, in: project)
        let meant = observed.containers.filter { container in
            container.state.isAlive
                && (extent.contains(container.service)
                    || withOrphans && services.isEmpty && project?.has(container.service) == false)
        }
        return Plan(of: meant, because: "kill") { .killContainer($0, signal: signal) }
    }

    /// `pause`: what runs stands still. One that does so already fails, as with docker compose.
    /// - Throws: one that waits to be started again.
    package static func pause(
        _ project: Project?,
        observed: Observed,
        services: [String] = []
    ) throws(ReconcilerError) -> Plan {
        Plan(of: try observed.running(services, project), because: "pause") {
            .pauseContainer($0)
        }
    }

    /// `unpause`: what stands still goes on.
    /// - Throws: one that waits to be started again.
    package static func unpause(
        _ project: Project?,
        observed: Observed,
        services: [String] = []
    ) throws(ReconcilerError) -> Plan {
        Plan(of: try observed.running(services, project), because: "unpause") {
            .unpauseContainer($0)
        }
    }

    /// `rm`: removes the records and files of these containers, which do not run.
    package static func remove(
        _ containers: [Observed.Container],
        withAnonymousVolumes: Bool
    ) -> Plan {
        Plan(of: containers, because: "rm") {
            .removeContainer($0, withAnonymousVolumes: withAnonymousVolumes)
        }
    }

    /// One step a container, none after another.
    private init(
        of containers: [Observed.Container],
        because reason: String,
        _ operation: (ContainerReference) -> Operation
    ) {
        self.init(
            steps: containers.sorted { $0.name < $1.name }
                .map { Step(operation($0.reference), because: reason) }
        )
    }
}

extension Observed {
    /// Containers of the extent that `rm` may remove: none that runs, is about to, or was made by
    /// `run`.
    package func removable(_ services: [String], in project: Project?) -> [Container] {
        let extent = Extent(of: services, in: project)
        return containers.filter {
            !$0.isOneOff && !$0.state.isAlive && extent.contains($0.service)
        }.sorted { $0.name < $1.name }
    }

    /// What can stand still and go on again. One that waits to be started again can do neither, and
    /// would be passed over in silence.
    fileprivate func running(
        _ services: [String],
        _ project: Project?
    ) throws(ReconcilerError) -> [Container] {
        let extent = Extent(of: services, in: project)
        let meant = containers.filter { !$0.isOneOff && extent.contains($0.service) }
        let restarting = meant.filter { container in
            if case .restarting = container.state { true } else { false }
        }
        guard restarting.isEmpty else {
            throw ReconcilerError(
                restarting.map { container in
                    ReconcilerError.Problem(
                        "container \(container.name)",
                        "does not run: it waits to be started again",
                        remedy: "`berth logs \(container.service)` shows why it ended"
                    )
                }
            )
        }
        return meant.filter { $0.state == .running }
    }
}

extension Project {
    /// Whether the file has a service, enabled or not.
    fileprivate func has(_ service: String) -> Bool {
        services[service] != nil || disabledServices[service] != nil
    }
}
