import Addresses
import Glibc
import Linux

/// Making the veth pair between a network's bridge and a container.
struct Connection: ~Copyable {
    private let endpoint: Endpoint
    private let network: NetworkConfiguration
    private let state: String
    private let action: String
    /// Conversations with the two namespaces.
    private var host: NetlinkSocket
    private var container: NetlinkSocket

    /// `container` is a socket of family `route` opened in the container's network namespace; the
    /// calling thread is in the host's.
    init(
        _ endpoint: Endpoint,
        to network: NetworkConfiguration,
        in state: String,
        container: SharedFD
    ) throws(NetworkError) {
        self.endpoint = endpoint
        self.network = network
        self.state = state
        action = "connect container \(endpoint.containerID.prefix(12)) to network \(network.name)"
        host = try NetlinkSocket(.route)
        self.container = NetlinkSocket(container)
    }

    /// Makes the pair and brings both ends up; returns when packets pass.
    mutating func make(netns: SharedFD) throws(NetworkError) {
        let bridge = try Bridge.find(&host, network, in: state)
        let name = LinkName.veth(container: endpoint.containerID, network: network.id)
        let peer: Int32
        do throws(NetworkError) {
            peer = try makePair(name, bridge, netns)
        } catch  where error.errno == EEXIST {
            // A crash left it, or we are called again.
            try host.perform([RouteRequest.delete(link: name)])
            peer = try makePair(name, bridge, netns)
        }
        var requests: [NetlinkRequest] = []
        requests += try endpoint.addressRequests(.v4, on: network, link: peer, action: action)
        requests.append(RouteRequest.setUp(endpoint.interfaceName))
        // A link that is down has no routes of IPv6.
        requests += try endpoint.addressRequests(.v6, on: network, link: peer, action: action)
        requests += endpoint.routeRequests(on: network, action: action)
        try container.perform(requests)
        try host.awaitUp(name, action: action)
        try host.awaitUp(network.bridgeName, action: action)
        try container.awaitUp(endpoint.interfaceName, action: action)
    }

    /// Gives the index of the container's end in its namespace.
    private mutating func makePair(
        _ name: String,
        _ bridge: Link,
        _ netns: SharedFD
    ) throws(NetworkError) -> Int32 {
        var requests = netns.with { number in
            [RouteRequest.createVeth(name, bridge: bridge.index, endpoint, network, netns: number)]
        }
        requests += [
            RouteRequest.setAlias(
                name,
                Owner(
                    in: state,
                    containerID: endpoint.containerID,
                    networkID: network.id
                )
            ),
            RouteRequest.withoutIPv6Address(name),
        ]
        if !network.connectsContainers { requests.append(RouteRequest.isolate(name)) }
        // Where br_netfilter turns round what a container sends to its own published port, without
        // routing it, the bridge must not mind.
        if try Sysctl.read("bridge/bridge-nf-call-iptables") == "1" {
            requests.append(RouteRequest.allowHairpin(name))
        }
        let link = try host.link(name, after: requests)
        guard let peer = link.peerIndex else {
            throw NetworkError(
                action: action,
                reason: "the kernel does not say which link is at the other end of \(name)"
            )
        }
        try LinkFilter.ensure(
            &host,
            link: link.index,
            for: endpoint,
            home: LinkProgram.Home(network, bridge: bridge.index),
            then: [RouteRequest.setUp(name)]
        )
        return peer
    }
}

extension NetlinkSocket {
    /// Carries out the requests and looks at the link they are about, in one call.
    mutating func link(
        _ name: String,
        after requests: [NetlinkRequest] = []
    ) throws(NetworkError) -> Link {
        let get = RouteRequest.get(link: name)
        let answers = try perform(requests + [get])
        guard let link = answers.last?.lazy.compactMap(Link.init).first else {
            throw NetworkError(action: get.action, reason: "the kernel did not describe it")
        }
        return link
    }

    /// Returns when a link that was brought up passes packets. The kernel notices a new carrier a
    /// moment later and drops packets until then, which costs a client a whole second. Since
    /// Linux 6.8 looking is enough to make it notice.
    mutating func awaitUp(_ name: String, action: String) throws(NetworkError) {
        let step = timespec(tv_sec: 0, tv_nsec: 500_000)
        for _ in 0..<2000 {
            if try link(name).isOperational { return }
            nanosleep([step], nil)
        }
        throw NetworkError(action: action, reason: "link \(name) did not come up within a second")
    }
}
