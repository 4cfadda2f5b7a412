package import ContainerRuntime
import Engine
import Supervisor

/// Who wants to see what containers write that is kept nowhere, from its first byte on.
package struct Attending: Sendable {
    /// Of these services.
    package var services: Set<String>
    /// Is given the connection to a container whose program has not begun yet.
    package var attached: @Sendable (ContainerID, String, AttachConnection) async -> Void

    /// Of these services, told so.
    package init(
        _ services: Set<String>,
        attached: @escaping @Sendable (ContainerID, String, AttachConnection) async -> Void
    ) {
        self.services = services
        self.attached = attached
    }
}

extension PlanExecutor {
    /// Starts a container, with whoever attends it attached before its program begins.
    func start(_ id: ContainerID, of container: ContainerReference) async throws {
        guard let attending, attending.services.contains(container.service) else {
            return try await supervisor.start(id)
        }
        let (supervisor, engine) = (supervisor, engine)
        try await withThrowingTaskGroup(of: AttachConnection?.self) { group in
            group.addTask {
                try await supervisor.startAttended(id)
                return nil
            }
            group.addTask {
                try await engine.attach(toStarting: id, name: container.name, givesInput: false)
            }
            defer { group.cancelAll() }
            // nil: it runs already.
            guard let connection = try await group.next() ?? nil else { return }
            await attending.attached(id, container.name, connection)
            try await supervisor.attended(id)
            _ = try await group.next()
        }
    }
}
