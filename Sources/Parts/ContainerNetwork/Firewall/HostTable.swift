import Addresses

/// The one firewall table of ours on the host, `inet berth`. A network or a port is an element of a
/// set, never a rule, so that the cost of a packet does not grow with them. Everything it says is
/// about our bridges; packets of others pass through it untouched.
///
/// No network has IPv6 yet: what comes from one with it goes nowhere, and what would go to one is none
/// of a published port.
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
    /// The host's addresses on our bridges, and which belongs to which.
    static let gateways = "gateways"
    static let ownGateway = "own-gateway"
    /// Has the element `wasNoRouter` when the host forwarded nothing before us.
    static let host = "host"
    static let wasNoRouter: [UInt8] = [0, 0, 0, 1]
    /// And this one where the kernel has no packet filters of links.
    static let hasNoLinkFilters: [UInt8] = [0, 0, 0, 2]
    /// Published ports: of one address of the host, and of all of them.
    static let published = "published"
    static let publishedAnywhere = "published-anywhere"

    static let sets = [
        SetDefinition(name: bridges, key: [.interfaceName]),
        SetDefinition(name: internalBridges, key: [.interfaceName]),
        SetDefinition(name: ownAddresses, key: [.interfaceName]),
        SetDefinition(name: sameBridge, key: [.interfaceName, .interfaceName]),
        SetDefinition(name: gateways, key: [.ipv4Address]),
        SetDefinition(name: ownGateway, key: [.interfaceName, .ipv4Address]),
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
    ]

    /// The bridges alone.
    static let bridgeNames = Table(name: name, sets: sets.filter { $0.name == bridges })

    /// The maps of published ports alone.
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
            Rule("no network has IPv6", .input(in: bridges), .ipv6, .drop),
            Rule(
                "no network reaches another one's gateway",
                .input(in: bridges),
                .ipv4,
                .destination(in: gateways),
                .inputAndDestination(notIn: ownGateway),
                .drop
            ),
        ]
    )

    private static let portRules = [
        Rule("ports published on one address", .ipv4, .toContainer(byAddressIn: published)),
        Rule(
            "ports published on every address",
            .ipv4,
            .destinationIsLocal,
            .toContainer(byPortIn: publishedAnywhere)
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
                .element(wasNoRouter, in: host),
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
        let gateway = network.gateway.bytes
        var elements = [
            SetElement(set: bridges, key: bridge, owner: owner),
            SetElement(set: gateways, key: gateway, owner: owner),
            SetElement(set: ownGateway, key: bridge + gateway, owner: owner),
        ]
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
        let isAnywhere = port.hostAddress == .any
        return SetElement(
            set: isAnywhere ? publishedAnywhere : published,
            key: isAnywhere ? place : port.hostAddress.bytes + place,
            value: port.containerAddress.bytes + .port(port.containerPort),
            owner: Owner(in: state, containerID: port.containerID)
        )
    }
}
