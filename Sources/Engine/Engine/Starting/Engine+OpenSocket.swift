package import Addresses
package import ContainerRuntime
package import Linux

extension Engine {
    /// Opens a TCP socket in the network namespace of a container that runs, which reaches whatever
    /// listens there, at its loopback as well; nil when it has just ended.
    package func openSocket(
        inNetworkOf running: RunningContainer,
        _ family: IPFamily
    ) async throws -> InternetSocket? {
        guard let netns = try namespace(of: running) else { return nil }
        return try await NamespaceThread.run(in: netns) {
            try InternetSocket(.stream, family: family)
        }
    }
}
