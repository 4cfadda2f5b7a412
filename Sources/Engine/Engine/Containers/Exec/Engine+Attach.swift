package import ContainerRuntime

extension Engine {
    /// Connects to the streams of a running container. What its first process writes from then on
    /// comes over the connection; what it wrote before is in its log.
    ///
    /// - Throws: `EngineError` of kind `.conflict` for a container that does not run.
    package func attach(
        to container: ContainerRecord,
        givesInput: Bool
    ) async throws -> AttachConnection {
        let folder = layout.container(container.id.text)
        guard try runtime.adopt(container.id, name: container.name, in: folder) != nil else {
            throw EngineError(
                .conflict,
                "cannot attach to \(container.name)",
                because: "the container is not running"
            )
        }
        guard !container.isPaused else {
            throw EngineError(
                .conflict,
                "cannot attach to \(container.name)",
                because: "the container is paused",
                remedy: "unpause it first"
            )
        }
        let connection = try await AttachConnection.attach(
            to: container.name,
            in: folder,
            givesInput: givesInput
        )
        await note(.attach, of: container.id)
        return connection
    }

    /// Connects to the streams of a container that is being started, before its program begins. Asks
    /// again and again until it takes clients, or the task is cancelled.
    package func attach(
        toStarting id: ContainerID,
        name: String,
        givesInput: Bool
    ) async throws -> AttachConnection {
        let folder = layout.container(id.text)
        // Before its start, as docker has it: the program waits for who attaches.
        await note(.attach, of: id)
        while true {
            let connection = try await AttachConnection.attachIfThere(
                to: name,
                in: folder,
                givesInput: givesInput
            )
            if let connection { return connection }
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
