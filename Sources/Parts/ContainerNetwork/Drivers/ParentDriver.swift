import Addresses
import Glibc
import Linux

/// Networks on a link of the host: each container has a link of its own that sends and receives by it,
/// made in the container's network namespace, and gone with it. The host has no address on such a
/// network, and no part in what passes: neither firewall nor published ports.
struct ParentDriver: NetworkDriver {
    func validate(_ network: NetworkConfiguration) throws(NetworkError) {
        // What they are asked of addresses is the same.
        try BridgeDriver().validate(network)
        _ = try options(of: network)
    }

    func ensure(
        _ network: NetworkConfiguration,
        in state: String,
        before: FormerForwarding
    ) throws(NetworkError) -> FormerForwarding {
        var route = try NetlinkSocket(.route)
        _ = try ParentLink(of: network, try options(of: network), in: state).ensure(&route)
        return before
    }

    func links(of network: NetworkConfiguration) -> [String] { [] }

    func remove(
        _ network: NetworkConfiguration,
        in state: String,
        before: FormerForwarding
    ) throws(NetworkError) {
        guard !network.sharesParent else { return }
        var route = try NetlinkSocket(.route)
        try ParentLink(of: network, try options(of: network), in: state).remove(&route)
    }

    func attach(
        _ endpoint: Endpoint,
        to network: NetworkConfiguration,
        in state: String,
        container: ContainerEnd
    ) throws(NetworkError) {
        let options = try options(of: network)
        let action =
            "connect container \(endpoint.containerID.prefix(12)) to network \(network.name)"
        if case .ipvlan = options.mode, let mac = endpoint.chosenMAC {
            throw NetworkError(
                action: action,
                reason: "ipvlan interfaces do not support custom mac address assignment",
                hint: "leave out \(mac), or use the driver macvlan"
            )
        }
        var host = try NetlinkSocket(.route)
        var inner = NetlinkSocket(container.route)
        let parent = try ParentLink(of: network, options, in: state).ensure(&host)
        func make() throws(NetworkError) {
            let request = container.netns.with { number in
                RouteRequest.createChild(
                    endpoint,
                    of: parent.index,
                    options,
                    mtuBytes: options.mtuBytes,
                    netns: number,
                    action: action
                )
            }
            try host.perform([request])
        }
        do throws(NetworkError) { try make() } catch  where error.errno == EEXIST {
            // A crash left it, or we are called again.
            try inner.perform([RouteRequest.delete(link: endpoint.interfaceName)])
            try make()
        }
        let link = try inner.link(endpoint.interfaceName).index
        try inner.perform(
            try endpoint.addressRequests(.v4, on: network, link: link, action: action)
        )
        try bringUp(endpoint.interfaceName, &inner)
        try inner.perform(
            try endpoint.addressRequests(.v6, on: network, link: link, action: action)
                + endpoint.routeRequests(on: network, action: action)
        )
    }

    /// The link of the container's former run has the same MAC address, and the kernel removes it some
    /// time after the last process of its namespace: as long as it is there, this one cannot be used.
    private func bringUp(
        _ name: String,
        _ inner: inout NetlinkSocket
    ) throws(NetworkError) {
        let deadline = ContinuousClock.now + .seconds(5)
        while true {
            do throws(NetworkError) {
                _ = try inner.perform([RouteRequest.setUp(name)])
                return
            } catch  where error.errno == EADDRINUSE && ContinuousClock.now < deadline {
                usleep(10_000)
            }
        }
    }

    /// All of it is in the container's network namespace.
    func reattach(_ connection: ExpectedConnection, in state: String) throws(NetworkError) {}

    func links(ofContainer id: String, on network: NetworkConfiguration) -> [String] { [] }

    var isInsideContainers: Bool { true }

    func faults(
        of network: NetworkConfiguration,
        in snapshot: NetworkSnapshot,
        of state: String
    ) -> [NetworkFault] {
        // `try?`: they were read before the network was made.
        guard let options = try? options(of: network) else { return [] }
        let name = ParentLink(of: network, options, in: state).name
        guard snapshot.links[name] == nil else { return [] }
        return [
            NetworkFault(
                subject: .network(network),
                name: "link \(name)",
                reason: "network \(network.name) is on it, and it is gone"
            )
        ]
    }

    func fault(
        of connection: ExpectedConnection,
        in snapshot: NetworkSnapshot
    ) -> NetworkFault? { nil }

    private func options(
        of network: NetworkConfiguration
    ) throws(NetworkError) -> ParentOptions {
        if let options = network.parentOptions { return options }
        guard let usual = try ParentOptions([:], of: network.driver) else {
            preconditionFailure("a bridge is no network on a link of the host")
        }
        return usual
    }
}
