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
    private let state: Mutex<State>

    private struct State {
        var names: [ContainerID: String] = [:]
        /// The last event that was looked at.
        var event: Int64
        /// Ends that are not told yet: their last lines are not shown.
        var ends: [End] = []
    }

    /// What there is to say of the end of a run.
    struct End: Equatable, Sendable {
        var name: String
        var words: String

        /// As attached `up` and docker compose say it.
        static func words(_ code: Int32, isRestarting: Bool) -> String {
            "exited with code \(code)" + (isRestarting ? " (restarting)" : "")
        }
    }

    /// Those of the extent's services, and of all replicas without a number. Ends are told that
    /// come from now on.
    init(engine: Engine, project: String, extent: Extent, number: Int?) async throws {
        self.engine = engine
        self.project = project
        self.extent = extent
        self.number = number
        state = Mutex(State(event: try await engine.lastEvent()))
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
        state.withLock { state in
            for container in containers {
                state.names[container.id] = LogPrefix.name(of: container.name, in: project)
            }
        }
        let end = try await engine.end(of: containers.map(\.id))
        try await collectEnds()
        return LogWriters(
            containers.map(\.id),
            isOver: end == .told && !isConverging,
            isUnsettled: end == .untold
        )
    }

    /// What stands before a container's lines; it is known from when it was among the writers.
    func name(of id: ContainerID) -> String { state.withLock { $0.names[id] } ?? id.short }

    /// The ends since it was asked last, up to the last look at the writers.
    func takeEnds() -> [End] {
        state.withLock { state in
            defer { state.ends = [] }
            return state.ends
        }
    }

    /// Notes what ended since the last look. It is looked at after the writers: whatever is over
    /// then has its event.
    private func collectEnds() async throws {
        while true {
            let events = try await engine.events(after: state.withLock { $0.event })
            guard let last = events.last else { return }
            state.withLock { state in
                state.event = last.sequence
                for event in events {
                    guard let end = event.end,
                        let name = ContainerID(event.subject).flatMap({ state.names[$0] })
                    else { continue }
                    let words = End.words(end.exitCode, isRestarting: end.isRestarting)
                    state.ends.append(End(name: name, words: words))
                }
            }
        }
    }
}
