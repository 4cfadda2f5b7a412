import Linux

/// What makes networks of one kind and connects containers to them: one file each. Every verb looks at
/// the kernel and makes it so, may be called again, and runs on a thread that may block, in the host's
/// network namespace.
protocol NetworkDriver: Sendable {
    /// Refuses what cannot be made, before anything is. Asks nobody.
    func validate(_ network: NetworkConfiguration) throws(NetworkError)

    /// Makes or repairs the host's part of a network.
    ///
    /// Gives whether the host forwarded nothing before our first network, as `NetworkKernel.ensure`.
    func ensure(
        _ network: NetworkConfiguration,
        in state: String,
        before: FormerForwarding
    ) throws(NetworkError) -> FormerForwarding

    /// Names of the host's links that a network consists of. They are removed before `remove`.
    func links(of network: NetworkConfiguration) -> [String]

    /// Removes the rest of what `ensure` made.
    func remove(
        _ network: NetworkConfiguration,
        in state: String,
        before: FormerForwarding
    ) throws(NetworkError)

    /// Connects a container. What a crash left of an earlier connection of the same two is replaced.
    func attach(
        _ endpoint: Endpoint,
        to network: NetworkConfiguration,
        in state: String,
        container: ContainerEnd
    ) throws(NetworkError)

    /// Makes the host's part of a connection that is there whole again.
    func reattach(_ connection: ExpectedConnection, in state: String) throws(NetworkError)

    /// Whether connections consist of links in the containers' network namespaces alone.
    var isInsideContainers: Bool { get }

    /// Names of the host's links that a connection consists of: without them there is none.
    func links(ofContainer id: String, on network: NetworkConfiguration) -> [String]

    /// Where the kernel's network differs from its definition.
    func faults(
        of network: NetworkConfiguration,
        in snapshot: NetworkSnapshot,
        of state: String
    ) -> [NetworkFault]

    /// Where the kernel's connection differs from its definition.
    func fault(
        of connection: ExpectedConnection,
        in snapshot: NetworkSnapshot
    ) -> NetworkFault?
}

extension NetworkDriver {
    var isInsideContainers: Bool { false }
}

/// A container's side of a connection.
struct ContainerEnd: Sendable {
    /// Its network namespace.
    var netns: SharedFD
    /// A socket of family `route`, opened there.
    var route: SharedFD

    /// Whether links that come into the calling thread's network namespace have IPv6. They never take
    /// what a router says of itself, and use their addresses at once: nobody else on a network of ours
    /// has them.
    static func allowIPv6(_ isAllowed: Bool) throws(NetworkError) {
        if isAllowed { try Sysctl.write("0", to: "ipv6/conf/default/accept_dad") }
        try Sysctl.write(isAllowed ? "0" : "1", to: "ipv6/conf/default/disable_ipv6")
    }
}

/// Which driver a network has; as in `driver` of a compose file.
package enum NetworkDriverName: String, Hashable, Codable, CaseIterable, Sendable {
    case bridge, macvlan, ipvlan

    var driver: any NetworkDriver {
        switch self {
        case .bridge: BridgeDriver()
        case .macvlan, .ipvlan: ParentDriver()
        }
    }
}
