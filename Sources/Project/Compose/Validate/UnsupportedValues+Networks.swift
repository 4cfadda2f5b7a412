import Addresses
import OrderedCollections

/// Values of networks, and of what services have on them.
extension UnsupportedValues {
    /// A link is a dependency, and a name on a network that both are on.
    func checkLinks(
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        // In most network modes there are no networks to share; `Lints` says what a link is then.
        let own = Self.networks(of: service)
        guard service["network_mode"] == nil || !own.isEmpty else { return }
        for (index, link) in (service["links"]?.list ?? []).enumerated() {
            let parts = (link.string ?? "").split(separator: ":", maxSplits: 1).map(String.init)
            guard let name = parts.first else { continue }
            let place = "\(path).links[\(index)]"
            if let other = root["services"]?[name],
                own.isDisjoint(with: Self.networks(of: other))
            {
                refuse(link, place, &diagnostics, hint: "put both services on one network")
            }
        }
    }

    /// Keys of the networks that a service is on.
    private static func networks(of service: Node) -> Set<String> {
        if let mode = service["network_mode"]?.string {
            return NetworkModeDeclaration.namesOfDefault.contains(mode) ? ["default"] : []
        }
        return Set(service["networks"]?.map?.keys.elements ?? [])
    }

    /// A fixed address is one of a subnet that the file names, since another network may get
    /// another subnet each time. A network that is there already has whichever it has.
    func checkAddresses(
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        for (key, entry) in service["networks"]?.map ?? [:] {
            guard let node = entry["ipv4_address"], let text = node.string,
                let address = IPv4Address(text)
            else { continue }
            let place = "\(path).networks.\(key).ipv4_address"
            let network = root["networks"]?[key]
            guard network?["external"]?.bool != true else { continue }
            let pools = (network?["ipam"]?["config"]?.list ?? []).compactMap(DeclaredPool.init)
            if pools.isEmpty {
                diagnostics.problem(
                    "a fixed address needs a network with a subnet of its own",
                    at: node.mark,
                    hint: "networks: {\(key): {ipam: {config: [{subnet: "
                        + "\(IPv4Subnet(around: address, prefixLength: 24))}]}}}",
                    path: place
                )
            } else if !pools.contains(where: { $0.subnet.contains(address) }) {
                let subnets = pools.map(\.subnet.description).joined(separator: ", ")
                diagnostics.problem(
                    "\(text) is not in the subnet of network \"\(key)\": \(subnets)",
                    at: node.mark,
                    path: place
                )
            } else if !pools.contains(where: { $0.subnet.hosts.contains(address.number) }) {
                diagnostics.problem(
                    "\(text) means the network or everybody on it, and no host",
                    at: node.mark,
                    path: place
                )
            } else if pools.contains(where: { $0.gateway == address }) {
                diagnostics.problem(
                    "\(text) is the gateway of network \"\(key)\"",
                    at: node.mark,
                    path: place
                )
            }
        }
    }

    func checkPools(_ root: Node, _ diagnostics: inout Diagnostics) {
        for (name, network) in root["networks"]?.map ?? [:] {
            checkDriverOptions(network, "networks.\(name).driver_opts", &diagnostics)
            for (index, pool) in (network["ipam"]?["config"]?.list ?? []).enumerated() {
                let path = "networks.\(name).ipam.config[\(index)]"
                if index > 0 {
                    diagnostics.problem(
                        "the driver bridge has one subnet of a family",
                        at: pool.mark,
                        hint: "keep one",
                        path: path
                    )
                    continue
                }
                guard let subnet = pool["subnet"], let text = subnet.string else {
                    diagnostics.problem(
                        "not supported yet without a subnet",
                        at: pool.mark,
                        hint: "subnet: 172.28.0.0/16",
                        path: path
                    )
                    continue
                }
                if text.contains(":") {
                    refuse(subnet, path + ".subnet", &diagnostics, hint: "an IPv4 subnet")
                } else if let range = IPv4Subnet(text) {
                    checkPool(pool, range, path, &diagnostics)
                }
            }
        }
    }

    func checkDrivers(
        _ root: Node,
        _ section: String,
        _ fields: Fields,
        _ diagnostics: inout Diagnostics
    ) {
        let known = fields["driver"]?.ordinary ?? []
        for (name, resource) in root[section]?.map ?? [:] {
            guard resource["external"]?.bool != true, let driver = resource["driver"],
                let text = driver.string, !text.isEmpty, !known.contains(text)
            else { continue }
            refuse(driver, "\(section).\(name).driver", &diagnostics, hint: known.first)
        }
        guard section == "networks" else { return }
        for (name, network) in root[section]?.map ?? [:] {
            guard let driver = network["ipam"]?["driver"], let text = driver.string,
                !["", "default"].contains(text)
            else { continue }
            refuse(driver, "networks.\(name).ipam.driver", &diagnostics, hint: "default")
        }
    }

    /// One of which no container could have an address, or whose gateway or range is elsewhere.
    private func checkPool(
        _ pool: Node,
        _ subnet: IPv4Subnet,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        if let reserved = Self.reserved.first(where: { $0.subnet.overlaps(subnet) }) {
            diagnostics.problem(
                "no host can have an address of \(subnet): \(reserved.subnet) is for \(reserved.use)",
                at: pool["subnet"]?.mark ?? pool.mark,
                hint: "172.28.0.0/16",
                path: path + ".subnet"
            )
        }
        if subnet.hosts.count < 2 {
            diagnostics.problem(
                "subnet \(subnet) has no room for a gateway and a container",
                at: pool["subnet"]?.mark ?? pool.mark,
                hint: "\(IPv4Subnet(around: subnet.base, prefixLength: 24))",
                path: path + ".subnet"
            )
        } else if let node = pool["gateway"], let text = node.string,
            let gateway = IPv4Address(text),
            !subnet.hosts.contains(gateway.number)
        {
            diagnostics.problem(
                "\(text) is not the address of a host in subnet \(subnet)",
                at: node.mark,
                hint: subnet.hosts.first.map { "\(IPv4Address($0))" },
                path: path + ".gateway"
            )
        }
        for (name, node) in pool["aux_addresses"]?.map ?? [:] {
            guard let text = node.string, let address = IPv4Address(text) else { continue }
            if !subnet.hosts.contains(address.number) {
                diagnostics.problem(
                    "\(text) is not the address of a host in subnet \(subnet)",
                    at: node.mark,
                    path: path + ".aux_addresses.\(name)"
                )
            }
        }
        if let node = pool["ip_range"], let text = node.string, let range = IPv4Subnet(text),
            !subnet.contains(range)
        {
            diagnostics.problem(
                "\(text) is not inside subnet \(subnet)",
                at: node.mark,
                path: path + ".ip_range"
            )
        }
    }

    /// RFC 6890 and RFC 5771: what is never the address of a host on a network.
    private static let reserved: [(subnet: IPv4Subnet, use: String)] = [
        ("0.0.0.0/8", "this host itself"), ("127.0.0.0/8", "the loopback"),
        ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "later use"),
    ].compactMap { text, use in IPv4Subnet(text).map { ($0, use) } }
}

/// A subnet that a network declares, with the gateway that it will have.
private struct DeclaredPool {
    let subnet: IPv4Subnet
    /// The one declared, or the first address of the range; nil where there can be none.
    let gateway: IPv4Address?

    init?(_ node: Node) {
        guard let subnet = node["subnet"]?.string.flatMap({ IPv4Subnet($0) }) else { return nil }
        self.subnet = subnet
        let range = node["ip_range"]?.string.flatMap { IPv4Subnet($0) }
        gateway =
            node["gateway"]?.string.flatMap { IPv4Address($0) }
            ?? subnet.hosts(in: range).first.map { IPv4Address($0) }
    }
}
