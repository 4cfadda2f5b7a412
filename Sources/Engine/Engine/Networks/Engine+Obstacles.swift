package import ContainerNetwork

extension Engine {
    /// Firewalls of others that let nothing of ours through.
    package func forwardingObstacles() async throws -> [ForwardingObstacle] {
        try await kernel.forwardingObstacles()
    }
}
