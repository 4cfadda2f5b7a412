import ContainerNetwork

/// What is left in the kernel of a network or of a container's connections, and does nothing any more.
/// To remove it takes the kernel a while, for which nobody has to wait.
package struct KernelRemains: Sendable {
    let links: CutLinks

    /// Whether there is nothing to remove.
    package var isEmpty: Bool { links.isEmpty }
}

/// A network whose record is gone, as the kernel has it.
package struct RetiredNetwork: Hashable, Codable, Sendable {
    let configuration: NetworkConfiguration
    let before: FormerForwarding
}

extension Engine {
    /// Ends a network whose record is gone: nothing passes any more, and its names are free.
    package func cut(_ network: RetiredNetwork) async throws -> KernelRemains {
        KernelRemains(links: try await kernel.cut(network.configuration, before: network.before))
    }

    /// Removes what is left, as far as it is still there.
    package func remove(_ remains: KernelRemains) async throws {
        try await kernel.remove(remains.links)
    }
}
