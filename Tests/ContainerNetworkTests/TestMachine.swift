import Addresses
import CLinux
import Glibc
import Linux
import Testing

@testable import ContainerNetwork

/// A machine made of network namespaces: a host, and a neighbour on the host's outside link. The
/// real machine's own namespace is never touched, and everything goes when the descriptors do.
struct TestMachine: Sendable {
    let host: SharedFD
    let neighbour: SharedFD
    let kernel: NetworkKernel

    static let hostAddress = IPv4Address("192.0.2.1") ?? .any
    static let neighbourAddress = IPv4Address("192.0.2.2") ?? .any

    init() async throws {
        let host = try await NamespaceThread.make()
        let neighbour = try await NamespaceThread.make()
        self.host = host
        self.neighbour = neighbour
        kernel = NetworkKernel(netns: host)
        try await NamespaceThread.run(in: host) {
            var route = try NetlinkSocket(.route)
            _ = try neighbour.with { number in
                try route.perform([
                    RouteRequest.setUp("lo"), Self.cable("wan0", to: "wan0", in: number),
                    RouteRequest.setUp("wan0"),
                ])
            }
        }
        try await Self.configure(host, "wan0", Self.hostAddress, gateway: nil)
        // A neighbour that sends everything through the host, hoping that it forwards.
        try await Self.configure(
            neighbour,
            "wan0",
            Self.neighbourAddress,
            gateway: Self.hostAddress
        )
    }

    /// A container connected to networks, the first one giving its default route.
    func container(
        _ id: String,
        on networks: [(NetworkConfiguration, IPv4Address)],
        administersNetwork: Bool = false
    ) async throws -> SharedFD {
        let netns = try await NamespaceThread.make()
        try await kernel.prepareNamespace(netns)
        for (index, (network, address)) in networks.enumerated() {
            let endpoint = Endpoint(
                containerID: id,
                interfaceName: "eth\(index)",
                addresses: [.v4(address)],
                isDefaultRoute: index == 0 && !network.isInternal,
                administersNetwork: administersNetwork
            )
            try await kernel.attach(endpoint, to: network, netns: netns)
        }
        return netns
    }

    /// Another neighbour, on a link of its own, who answers through the host.
    func secondNeighbour() async throws -> (netns: SharedFD, address: IPv4Address) {
        let netns = try await NamespaceThread.make()
        try await NamespaceThread.run(in: host) {
            var route = try NetlinkSocket(.route)
            _ = try netns.with { number in
                try route.perform([Self.cable("wan1", to: "wan0", in: number)])
            }
        }
        let (ours, theirs) = (try address("198.51.100.1"), try address("198.51.100.2"))
        try await Self.configure(host, "wan1", ours, gateway: nil)
        try await Self.configure(netns, "wan0", theirs, gateway: ours)
        return (netns, theirs)
    }

    private static func cable(_ name: String, to peer: String, in netns: CInt) -> NetlinkRequest {
        NetlinkRequest(
            type: UInt16(RTM_NEWLINK),
            flags: UInt16(NLM_F_CREATE | NLM_F_EXCL),
            action: "cable"
        ) { message in
            message.append(ifinfomsg())
            message.attribute(IFLA_IFNAME, name)
            message.nested(IFLA_LINKINFO) {
                $0.attribute(IFLA_INFO_KIND, "veth")
                $0.nested(IFLA_INFO_DATA) {
                    $0.nested(VETH_INFO_PEER) {
                        $0.append(ifinfomsg())
                        $0.attribute(IFLA_IFNAME, peer)
                        $0.attribute(IFLA_NET_NS_FD, native: netns)
                    }
                }
            }
        }
    }

    private static func configure(
        _ netns: SharedFD,
        _ link: String,
        _ address: IPv4Address,
        gateway: IPv4Address?
    ) async throws {
        try await NamespaceThread.run(in: netns) {
            var route = try NetlinkSocket(.route)
            let answers = try route.perform([
                RouteRequest.setUp("lo"), RouteRequest.setUp(link), RouteRequest.get(link: link),
            ])
            let index = try #require(answers[2].compactMap(Link.init).first).index
            try route.perform(
                [
                    RouteRequest.add(
                        address,
                        in: IPv4Subnet(around: address, prefixLength: 24),
                        link: index,
                        action: "address"
                    )
                ]
                    + (gateway.map { [RouteRequest.addDefaultRoute(via: .v4($0), action: "route")] }
                        ?? [])
            )
        }
    }
}

/// An identity for a test's container or network.
func randomID() -> String {
    String((0..<64).map { _ in "0123456789abcdef".randomElement() ?? "0" })
}

func address(_ text: String) throws -> IPv4Address { try #require(IPv4Address(text)) }
func subnet(_ text: String) throws -> IPv4Subnet { try #require(IPv4Subnet(text)) }

/// A network whose gateway is the first address.
func network(_ name: String, _ range: String, isInternal: Bool = false) throws
    -> NetworkConfiguration
{
    let subnet = try subnet(range)
    return NetworkConfiguration(
        id: randomID(),
        name: name,
        ipv4: AddressBlock(subnet, gateway: try AddressPool.gateway(of: subnet)),
        isInternal: isInternal
    )
}

extension NetworkConfiguration {
    /// Of a network of the tests, which has IPv4.
    var subnet: IPv4Subnet { ipv4?.subnet ?? IPv4Subnet(around: .any, prefixLength: 32) }
    var gateway: IPv4Address { ipv4?.gateway ?? .any }
}

extension PublishedPort {
    /// The container's, of a port of the tests that has one.
    var ipv4: IPv4Address { [containerAddress].ipv4 ?? .any }
}
