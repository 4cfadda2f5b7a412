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
        return try await AttachConnection.attach(
            to: container.name,
            in: folder,
            givesInput: givesInput
        )
    }
}
