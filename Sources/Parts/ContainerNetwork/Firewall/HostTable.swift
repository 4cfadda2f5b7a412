import Addresses
import Glibc

/// The one firewall table of ours on the host, `inet berth`. A network or a port is an element of a
/// set, never a rule, so that the cost of a packet does not grow with them. Everything it says is
/// about our bridges; packets of others pass through it untouched.
///
/// What is about links is said once for both families. What comes with IPv6 from a network that has none
/// goes nowhere.
enum HostTable {
    static let name = "berth"

    /// Bridges of ours.
    static let bridges = "bridges"
    /// Those with no way out or in.
    static let internalBridges = "internal"
    /// Those whose containers speak to the outside with addresses of their own.
    static let ownAddresses = "own-addresses"
    /// Each bridge with itself: packets that stay on one.
    static let sameBridge = "same-bridge"
    /// Those of networks with IPv6.
    static let ipv6Bridges = "ipv6-bridges"
    /// The host's addresses on our bridges, and which belongs to which.
    static let gateways = "gateways"
    static let ownGateway = "own-gateway"
    static let ipv6Gateways = "ipv6-gateways"
    static let ownIPv6Gateway = "own-ipv6-gateway"
    /// Has the elements `wasNoRouter` when the host forwarded nothing before us.
    static let host = "host"
    static func wasNoRouter(_ family: IPFamily) -> [UInt8] { [0, 0, 0, family == .v4 ? 1 : 3] }
    /// And this one where the kernel has no packet filters of links.
    static let hasNoLinkFilters: [UInt8] = [0, 0, 0, 2]
    /// Published ports: of one address of the host, and of all of them.
    static let published = "published"
    static let publishedAnywhere = "published-anywhere"
    static let publishedIPv6 = "published-ipv6"
    static let publishedAnywhereIPv6 = "published-anywhere-ipv6"

    static let sets = [
        SetDefinition(name: bridges, key: [.interfaceName]),
        SetDefinition(name: internalBridges, key: [.interfaceName]),
        SetDefinition(name: ownAddresses, key: [.interfaceName]),
        SetDefinition(name: ipv6Bridges, key: [.interfaceName]),
        SetDefinition(name: sameBridge, key: [.interfaceName, .interfaceName]),
        SetDefinition(name: gateways, key: [.ipv4Address]),
        SetDefinition(name: ownGateway, key: [.interfaceName, .ipv4Address]),
        SetDefinition(name: ipv6Gateways, key: [.ipv6Address]),
        SetDefinition(name: ownIPv6Gateway, key: [.interfaceName, .ipv6Address]),
        SetDefinition(name: host, key: [.ipv4Address]),
        SetDefinition(
            name: published,
            key: [.ipv4Address, .transportProtocol, .port],
            value: [.ipv4Address, .port]
        ),
        SetDefinition(
            name: publishedAnywhere,
            key: [.transportProtocol, .port],
            value: [.ipv4Address, .port]
        ),
        SetDefinition(
            name: publishedIPv6,
            key: [.ipv6Address, .transportProtocol, .port],
            value: [.ipv6Address, .port]
        ),
        SetDefinition(
            name: publishedAnywhereIPv6,
            key: [.transportProtocol, .port],
            value: [.ipv6Address, .port]
        ),
    ]

    /// The bridges alone.
    static let bridgeNames = Table(name: name, sets: sets.filter { $0.name == bridges })

    /// The maps of published ports of IPv4 alone.
    static let portMaps = Table(
        name: name,
        sets: sets.filter { $0.name == published || $0.name == publishedAnywhere }
    )

    static let table = Table(
        name: name,
        sets: sets,
        chains: [
            guardHost, leadToContainers, leadHostToContainers, hostServices, forwarding, sources,
        ]
    )

    /// Before connections are looked up.
    private static let guardHost = Chain(
        name: "guard",
        type: .filter,
        hook: .prerouting,
        priority: -300,
        rules: [
            Rule(
                "127.0.0.0/8 is reached only from the host itself",
                .inputIsNot("lo"),
                .ipv4,
                .destinationIsLoopback,
                .drop
            ),
            Rule(
                "networks without IPv6",
                .ipv6,
                .input(in: bridges),
                .input(notIn: ipv6Bridges),
                .drop
            ),
            Rule(
                "no network reaches another one's gateway",
                .input(in: bridges),
                .ipv4,
                .destination(in: gateways),
                .inputAndDestination(notIn: ownGateway),
                .drop
            ),
            Rule(
                "no network reaches another one's IPv6 gateway",
                .input(in: bridges),
                .ipv6,
                .destination(in: ipv6Gateways, .v6),
                .inputAndDestination(notIn: ownIPv6Gateway, .v6),
                .drop
            ),
        ]
    )

    private static let portRules = [
        Rule("ports published on one address", .ipv4, .toContainer(byAddressIn: published, .v4)),
        Rule(
            "ports published on every address",
            .ipv4,
            .destinationIsLocal,
            .toContainer(byPortIn: publishedAnywhere, .v4)
        ),
        Rule(
            "ports published on one IPv6 address",
            .ipv6,
            .toContainer(byAddressIn: publishedIPv6, .v6)
        ),
        Rule(
            "ports published on every IPv6 address",
            .ipv6,
            .destinationIsLocal,
            .toContainer(byPortIn: publishedAnywhereIPv6, .v6)
        ),
    ]

    private static let leadToContainers = Chain(
        name: "ports",
        type: .nat,
        hook: .prerouting,
        priority: -100,
        rules: [
            Rule("internal networks have no way out", .input(in: internalBridges), .accept)
        ] + portRules
    )

    private static let leadHostToContainers = Chain(
        name: "ports-of-host",
        type: .nat,
        hook: .output,
        priority: -100,
        rules: portRules
    )

    private static let hostServices = Chain(
        name: "host-services",
        type: .filter,
        hook: .input,
        priority: 0,
        rules: [
            Rule(
                "what the host began in an internal network",
                .input(in: internalBridges),
                .established,
                .accept
            ),
            Rule(
                "who asks for a neighbour's link in an internal network",
                .ipv6,
                .input(in: internalBridges),
                .icmpv6(NeighbourDiscovery.solicitation.rawValue),
                .accept
            ),
            Rule(
                "who answers that",
                .ipv6,
                .input(in: internalBridges),
                .icmpv6(NeighbourDiscovery.advertisement.rawValue),
                .accept
            ),
            Rule("the host serves no internal network", .input(in: internalBridges), .drop),
        ]
    )

    /// A connection between networks, or from outside to a container, exists only when it was led
    /// there by a published port.
    private static let forwarding = Chain(
        name: "forwarding",
        type: .filter,
        hook: .forward,
        priority: 0,
        rules: [
            Rule("connections already let through", .established, .accept),
            Rule("packets on one bridge", .inputAndOutput(in: sameBridge), .accept),
            Rule(
                "packets of no connection would leave with a container's own address",
                .input(in: bridges),
                .invalid,
                .drop
            ),
            Rule("internal networks have no way out", .input(in: internalBridges), .drop),
            Rule("internal networks have no way in", .output(in: internalBridges), .drop),
            Rule("published ports", .output(in: bridges), .destinationReplaced, .accept),
            Rule("nothing else reaches a container", .output(in: bridges), .drop),
            Rule("containers reach the outside", .input(in: bridges), .accept),
            Rule(
                "drop forwarded packets that are not ours if forwarding was off before berth",
                .ipv4,
                .element(wasNoRouter(.v4), in: host),
                .drop
            ),
            Rule(
                "the same of IPv6",
                .ipv6,
                .element(wasNoRouter(.v6), in: host),
                .drop
            ),
        ]
    )

    private static let sources = Chain(
        name: "sources",
        type: .nat,
        hook: .postrouting,
        priority: 100,
        rules: [
            // A connection that was led back to where it came from must seem to come from the host,
            // or the answer would not pass the host again. Neither the host's own packets nor those
            // that br_netfilter shows us on their way across a bridge came in by a link.
            Rule(
                "the host itself through a published port",
                .input(""),
                .output(in: bridges),
                .destinationReplaced,
                .masquerade
            ),
            Rule(
                "a container through a published port of its own network",
                .inputAndOutput(in: sameBridge),
                .destinationReplaced,
                .masquerade
            ),
            Rule("networks that keep their addresses", .input(in: ownAddresses), .accept),
            Rule(
                "containers speak to the outside with the host's address",
                .input(in: bridges),
                .output(notIn: bridges),
                .masquerade
            ),
        ]
    )

    /// What makes a network of a state folder known.
    static func elements(of network: NetworkConfiguration, in state: String) -> [SetElement] {
        let bridge = [UInt8].interfaceName(network.bridgeName)
        let owner = Owner(in: state, networkID: network.id)
        var elements = [SetElement(set: bridges, key: bridge, owner: owner)]
        if let gateway = network.ipv4?.gateway.bytes {
            elements += [
                SetElement(set: gateways, key: gateway, owner: owner),
                SetElement(set: ownGateway, key: bridge + gateway, owner: owner),
            ]
        }
        if let gateway = network.ipv6?.gateway.bytes {
            elements += [
                SetElement(set: ipv6Bridges, key: bridge, owner: owner),
                SetElement(set: ipv6Gateways, key: gateway, owner: owner),
                SetElement(set: ownIPv6Gateway, key: bridge + gateway, owner: owner),
            ]
        }
        // Without it what is routed back to its bridge is dropped as what comes from another one.
        if network.connectsContainers {
            elements.append(SetElement(set: sameBridge, key: bridge + bridge, owner: owner))
        }
        if !network.masquerades {
            elements.append(SetElement(set: ownAddresses, key: bridge, owner: owner))
        }
        if network.isInternal {
            elements.append(SetElement(set: internalBridges, key: bridge, owner: owner))
        }
        return elements
    }

    /// What makes a port of the host lead to a container.
    static func element(of port: PublishedPort, in state: String) -> SetElement {
        let place: [UInt8] = .transportProtocol(port.transport) + .port(port.hostPort)
        let isAnywhere = port.hostAddress.isAny
        let set =
            switch (port.hostAddress.family, isAnywhere) {
            case (.v4, false): published
            case (.v4, true): publishedAnywhere
            case (.v6, false): publishedIPv6
            case (.v6, true): publishedAnywhereIPv6
            }
        return SetElement(
            set: set,
            key: isAnywhere ? place : port.hostAddress.bytes + place,
            value: port.containerAddress.bytes + .port(port.containerPort),
            owner: Owner(in: state, containerID: port.containerID)
        )
    }
}
