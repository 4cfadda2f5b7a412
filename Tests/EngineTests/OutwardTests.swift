import Addresses
import ContainerRuntime
import Testing

@testable import Engine

/// Which network leads out, as docker 28.5 chose it for the same networks.
@Suite("the way out of a container")
struct OutwardTests {
    struct Case: CustomTestStringConvertible, Sendable {
        /// Name of a network, its kind (`4`, `6`, `46`, `i` for an internal one), gw_priority.
        var networks: [(String, String, Int)]
        /// Of IPv4, then of IPv6.
        var expected: [String?]
        var testDescription: String { "\(networks)" }
    }

    @Test(
        "by priority, then by name; both families come before one, and internal networks never",
        arguments: [
            Case(networks: [("c", "4", 0), ("a", "4", 0), ("b", "4", 0)], expected: ["a", nil]),
            Case(networks: [("a", "4", 0), ("b", "4", 5), ("c", "4", 0)], expected: ["b", nil]),
            Case(networks: [("a", "4", -1), ("b", "4", 0), ("c", "4", 0)], expected: ["b", nil]),
            Case(networks: [("i", "i", 10), ("b", "4", 0)], expected: ["b", nil]),
            Case(networks: [("a", "4", 0), ("v", "46", 0)], expected: ["v", "v"]),
            Case(networks: [("a", "4", 3), ("v", "46", 0)], expected: ["v", "v"]),
            Case(
                networks: [("c", "4", 0), ("a", "4", 1), ("b", "4", 0), ("v", "46", 1)],
                expected: ["v", "v"]
            ),
            Case(networks: [("a", "4", 0), ("s", "6", 0)], expected: ["a", "s"]),
            Case(networks: [("v", "46", 0), ("w", "46", 1)], expected: ["w", "w"]),
            Case(networks: [("i", "i", 0)], expected: [nil, nil]),
            Case(networks: [], expected: [nil, nil]),
        ]
    )
    func choice(_ sample: Case) throws {
        let places = try sample.networks.enumerated().map { index, network in
            try Self.place(index, name: network.0, kind: network.1, priority: network.2)
        }
        let outward = Outward(places)
        #expect([outward.ipv4, outward.ipv6].map { $0?.network.name } == sample.expected)
    }

    static func place(
        _ index: Int,
        name: String,
        kind: String,
        priority: Int
    ) throws -> Outward.Place {
        let ipv4 = AddressBlock(
            try #require(IPv4Subnet("10.\(index).0.0/24")),
            gateway: try #require(IPv4Address("10.\(index).0.1"))
        )
        let ipv6 = AddressBlock(
            try #require(IPv6Subnet("fd00:\(index)::/64")),
            gateway: try #require(IPv6Address("fd00:\(index)::1"))
        )
        var network = NetworkRecord(
            id: .random(),
            name: name,
            ipv4: kind == "6" ? nil : ipv4,
            ipv6: kind.contains("6") ? ipv6 : nil,
            createdAt: .now()
        )
        network.isInternal = kind == "i"
        var addresses: [IPAddress] = []
        if network.ipv4 != nil { addresses.append(try #require(IPAddress("10.\(index).0.2"))) }
        if network.ipv6 != nil { addresses.append(try #require(IPAddress("fd00:\(index)::2"))) }
        var endpoint = EndpointRecord(
            container: .random(),
            network: network.id,
            networkName: name,
            position: index,
            addresses: addresses,
            aliases: []
        )
        endpoint.details.gatewayPriority = priority == 0 ? nil : priority
        return Outward.Place(endpoint: endpoint, network: network)
    }

    @Test("lines of a hosts file come and go, and what else is in it stays")
    func hostsLines() throws {
        let old = try #require(IPAddress("10.0.0.2"))
        let new = try #require(IPAddress("10.1.0.2"))
        let text = HostFiles.hosts(
            "127.0.0.1\tlocalhost\n10.0.0.2\tbox\n10.0.0.2\tof-the-user\n",
            without: [old],
            with: [new],
            names: "box"
        )
        #expect(text == "127.0.0.1\tlocalhost\n10.0.0.2\tof-the-user\n10.1.0.2\tbox\n")
        let again = HostFiles.hosts(text, without: [], with: [new], names: "box")
        #expect(again == text)
    }
}
