import Addresses
import OrderedCollections

/// What a service reaches, and by what it is reached.
extension Binder {
    mutating func readConnections(_ node: Node, _ service: inout Service) {
        service.networkMode = text(node["network_mode"]).map { NetworkModeDeclaration($0) }
        service.networks = serviceNetworks(node["networks"])
        service.macAddress = macAddress(node)
        service.ports = each(node, "ports") { $0.port($1) }
        service.expose = node["expose"]?.strings ?? []
        service.dns.servers = addresses(node, "dns")
        service.dns.search = values(
            node,
            "dns_search",
            Self.word,
            Mistake.isNot("the name of a domain", such: "example.com")
        )
        service.dns.options = values(
            node,
            "dns_opt",
            Self.word,
            Mistake.isNot("an option of resolv.conf", such: "ndots:2")
        )
        service.extraHosts = extraHosts(node)
        service.links = links(node, "links")
        service.externalLinks = links(node, "external_links")
    }

    private mutating func serviceNetworks(
        _ node: Node?
    ) -> OrderedDictionary<String, ServiceNetwork> {
        guard let entries = node?.map, !entries.isEmpty else { return [:] }
        return inside("networks") { binder in
            var result = OrderedDictionary<String, ServiceNetwork>(minimumCapacity: entries.count)
            for (key, entry) in entries {
                // Most networks are only named.
                result[key] =
                    entry.map == nil
                    ? ServiceNetwork() : binder.inside(key) { $0.serviceNetwork(entry) }
            }
            return result
        }
    }

    private mutating func serviceNetwork(_ node: Node) -> ServiceNetwork {
        var network = ServiceNetwork()
        network.aliases = node["aliases"]?.strings ?? []
        network.ipv4Address = value(
            node,
            "ipv4_address",
            { IPv4Address($0) },
            { Mistake("\"\($0)\" is not an IPv4 address", hint: "172.28.0.10") }
        )
        network.ipv6Address = value(
            node,
            "ipv6_address",
            { IPv6Address($0) },
            { Mistake("\"\($0)\" is not an IPv6 address", hint: "fd00:28::10") }
        )
        network.linkLocalIPs = addresses(node, "link_local_ips")
        network.macAddress = macAddress(node)
        network.interfaceName = text(node["interface_name"])
        network.driverOpts = texts(node["driver_opts"])
        network.gatewayPriority = node["gw_priority"]?.int.map(Int.init) ?? 0
        network.priority = node["priority"]?.int.map(Int.init) ?? 0
        return network
    }

    private mutating func macAddress(_ node: Node) -> MACAddress? {
        value(
            node,
            "mac_address",
            { MACAddress($0) },
            Mistake.isNot("a MAC address", such: "02:42:ac:11:00:02")
        )
    }

    private mutating func addresses(_ node: Node, _ key: String) -> [IPAddress] {
        values(node, key, { IPAddress($0) }, { Mistake("\"\($0)\" is not an IP address") })
    }

    /// One word of a line of resolv.conf(5); empty where a variable has no value.
    private static func word(_ text: String) -> String? {
        text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } ? text : nil
    }

    mutating func extraHosts(_ node: Node) -> [HostEntry] {
        values(
            node,
            "extra_hosts",
            { HostEntry($0) },
            { text in
                let address = text.drop { $0 != "=" }.dropFirst()
                let name = text.prefix { $0 != "=" }
                guard HostEntry.isName(name) else {
                    return Mistake("\(name.debugDescription) is not the name of a host")
                }
                return Mistake(
                    "\"\(address)\" is not an IP address",
                    hint: "an address, or host-gateway"
                )
            }
        )
    }

    private mutating func links(_ node: Node, _ key: String) -> [ServiceLink] {
        values(node, key, { ServiceLink($0) }, Mistake.isNot("a link", such: "db or db:database"))
    }

    private mutating func port(_ node: Node) -> PortDeclaration? {
        guard let target = node["target"]?.int.flatMap(UInt16.init(exactly:)) else { return nil }
        var port = PortDeclaration(target: target)
        // Shape and short form have checked the words of both.
        port.hostAddress = text(node["host_ip"]).flatMap { IPAddress($0) }
        port.transport =
            node["protocol"]?.string.flatMap { PortProtocol(rawValue: $0.lowercased()) }
            ?? .tcp
        // 0 is how to ask for any free port.
        if node["published"]?.string != "0" {
            port.published = value(
                node,
                "published",
                { PortRange($0) },
                {
                    Mistake(
                        "cannot publish \"\($0)\"",
                        hint: "a port or a range of ports from 1 to 65535"
                    )
                }
            )
        }
        port.name = text(node["name"])
        port.appProtocol = text(node["app_protocol"])
        port.mode = text(node["mode"])
        return port
    }
}
