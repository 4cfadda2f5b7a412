import ContainerRuntime
import Engine
import Reconciler
import Synchronization

/// The containers whose logs `logs -f` shows: those of a project's services, and those that
/// replace them or join them meanwhile.
final class FollowedContainers: Sendable {
    private let engine: Engine
    private let project: String
    private let extent: Extent
    private let number: Int?
    private let names = Mutex<[ContainerID: String]>([:])

    /// Those of the extent's services, and of all replicas without a number.
    init(engine: Engine, project: String, extent: Extent, number: Int?) {
        self.engine = engine
        self.project = project
        self.extent = extent
        self.number = number
    }

    /// Who writes now. It is over when none runs and no command is at work on the project, which
    /// may be about to start one again or to put another one in its place.
    func writers() async throws -> LogWriters {
        // Asked first: a command that ends in between has written what the records say then.
        let isConverging = engine.isConverging(project)
        let containers = try await engine.containers(ofProject: project).filter { container in
            !container.isOneOff && (number == nil || container.number == number)
                && extent.contains(container.service)
        }
        names.withLock { names in
            for container in containers {
                names[container.id] = LogPrefix.name(of: container.name, in: project)
            }
        }
        let end = try await engine.end(of: containers.map(\.id))
        return LogWriters(
            containers.map(\.id),
            isOver: end == .told && !isConverging,
            isUnsettled: end == .untold
        )
    }

    /// What stands before a container's lines; it is known from when it was among the writers.
    func name(of id: ContainerID) -> String { names.withLock { $0[id] } ?? id.short }
}
