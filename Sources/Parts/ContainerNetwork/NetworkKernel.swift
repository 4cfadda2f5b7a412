package import Linux

/// The network side of one network namespace of the kernel: bridges, links, addresses and one
/// firewall table of ours. It remembers nothing: every verb looks at the kernel and makes it so,
/// and may be called again, by several processes at once, and after anything was removed from outside.
package struct NetworkKernel: Sendable {
    private let netns: SharedFD?

    /// Works in the given network namespace; nil is the process's own.
    package init(netns: SharedFD? = nil) { self.netns = netns }

    /// Makes or repairs the network: bridge up with its address, forwarding on, firewall complete.
    package func ensure(_ network: NetworkConfiguration) async throws(NetworkError) { throw later }

    /// Removes what `ensure` made; with the last network also the firewall table.
    package func remove(_ network: NetworkConfiguration) async throws(NetworkError) { throw later }

    /// Brings a new container's network namespace to life: loopback up, Docker's sysctls.
    /// Once per run, before the first `attach`.
    package func prepareNamespace(_ container: SharedFD) async throws(NetworkError) { throw later }

    /// Connects a container's network namespace to a network.
    package func attach(
        _ endpoint: Endpoint,
        to network: NetworkConfiguration,
        netns container: SharedFD
    ) async throws(NetworkError) { throw later }

    /// Removes the host's ends of these endpoints, if they are still there.
    package func detach(
        containerID: String,
        networkIDs: [String]
    ) async throws(NetworkError) { throw later }

    /// Leads ports of the host to containers, all or none, in one transaction. A port that leads to
    /// another container is taken over: hold it first (`holdPort`).
    package func publish(_ ports: [PublishedPort]) async throws(NetworkError) { throw later }

    /// Takes these ports back, if they still lead to their container.
    package func unpublish(_ ports: [PublishedPort]) async throws(NetworkError) { throw later }

    /// Every link and firewall element of ours, for `berth system check` and recovery.
    package func inventory() async throws(NetworkError) -> [NetworkObject] { throw later }

    /// Removes one of those, whatever its owner.
    package func remove(_ object: NetworkObject) async throws(NetworkError) { throw later }

    /// Subnets that the host already routes or has an address in, other than by our own bridges.
    package func hostRoutes() async throws(NetworkError) -> [IPv4Subnet] { throw later }

    /// Opens the sockets of a container's name server in its network namespace and makes
    /// 127.0.0.11:53 lead to them; the container's own port 53 stays free.
    package func openDNSSockets(
        in container: SharedFD
    ) async throws(NetworkError) -> (udp: SharedFD, tcp: SharedFD) { throw later }

    /// Binds a port of the host, so that nobody else gets it, and holds it as long as the
    /// descriptor lives. A nil or zero port asks for a free one. The error names the holder.
    package func holdPort(
        _ address: IPv4Address,
        _ port: UInt16?,
        _ transport: TransportProtocol
    ) async throws(NetworkError) -> (fd: SharedFD, port: UInt16) { throw later }

    private var later: NetworkError { NetworkError(action: "use the network", reason: "not built") }
}
