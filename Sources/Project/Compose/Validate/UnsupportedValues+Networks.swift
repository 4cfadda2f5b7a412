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
    static func networks(of service: Node) -> Set<String> {
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
            let network = root["networks"]?[key]
            guard !NetworkFamilies(network).areUnknown else { continue }
            let place = "\(path).networks.\(key)"
            check(IPv4Address.self, entry, "ipv4_address", key, network, place, &diagnostics)
            check(IPv6Address.self, entry, "ipv6_address", key, network, place, &diagnostics)
        }
    }

    private func check<Address: AddressNumber>(
        _: Address.Type,
        _ entry: Node,
        _ field: String,
        _ key: String,
        _ network: Node?,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        guard let node = entry[field], let text = node.string, let address = Address(text) else {
            return
        }
        let pools = (network?["ipam"]?["config"]?.list ?? []).compactMap(DeclaredPool<Address>.init)
        var message: String?
        var hint: String?
        if !NetworkFamilies(network).have(address.either.family) {
            message = "network \"\(key)\" has no \(Address.family)"
            hint = "networks: {\(key): {enable_\(Address.family.lowercased()): true}}"
        } else if pools.isEmpty {
            let bits: UInt8 = Address.hasBroadcast ? 24 : 64
            message = "a fixed address needs a network with a subnet of its own"
            hint =
                "networks: {\(key): {ipam: {config: [{subnet: "
                + "\(Subnet(around: address, prefixLength: bits))}]}}}"
        } else if !pools.contains(where: { $0.subnet.contains(address) }) {
            let subnets = pools.map(\.subnet.description).joined(separator: ", ")
            message = "\(text) is not in the subnet of network \"\(key)\": \(subnets)"
        } else if !pools.contains(where: { $0.subnet.hosts.contains(address.number) }) {
            message = "\(text) means the network or everybody on it, and no host"
        } else if pools.contains(where: { $0.gateway == address }) {
            message = "\(text) is the gateway of network \"\(key)\""
        }
        guard let message else { return }
        diagnostics.problem(message, at: node.mark, hint: hint, path: "\(path).\(field)")
    }

    func checkPools(_ root: Node, _ diagnostics: inout Diagnostics) {
        for (name, network) in root["networks"]?.map ?? [:] {
            checkDriverOptions(network, "networks.\(name).driver_opts", &diagnostics)
            checkFamilies(network, "networks.\(name)", &diagnostics)
            var families: Set<IPFamily> = []
            for (index, pool) in (network["ipam"]?["config"]?.list ?? []).enumerated() {
                let path = "networks.\(name).ipam.config[\(index)]"
                guard let text = pool["subnet"]?.string else {
                    diagnostics.problem(
                        "not supported yet without a subnet",
                        at: pool.mark,
                        hint: "subnet: 172.28.0.0/16",
                        path: path
                    )
                    continue
                }
                guard let subnet = IPSubnet(text) else { continue }
                guard families.insert(subnet.family).inserted else {
                    diagnostics.problem(
                        "a network has one subnet of a family",
                        at: pool.mark,
                        hint: "keep one",
                        path: path
                    )
                    continue
                }
                switch subnet {
                case .v4(let subnet): checkPool(pool, subnet, path, &diagnostics)
                case .v6(let subnet): checkPool(pool, subnet, path, &diagnostics)
                }
            }
        }
    }

    private func checkFamilies(_ network: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        let families = NetworkFamilies(network)
        guard !families.have(.v4), !families.have(.v6), let node = network["enable_ipv4"] else {
            return
        }
        diagnostics.problem(
            "IPv4 or IPv6 must be enabled",
            at: node.mark,
            hint: "enable_ipv6: true",
            path: path + ".enable_ipv4"
        )
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
            if section == "networks", ["host", "null", "none"].contains(text) {
                diagnostics.problem(
                    "only one instance of \"\(text == "none" ? "null" : text)\" network is allowed",
                    at: driver.mark,
                    hint:
                        "network_mode: \(text == "host" ? "host" : "none") in the service means it",
                    path: "networks.\(name).driver"
                )
                continue
            }
            refuse(
                driver,
                "\(section).\(name).driver",
                &diagnostics,
                hint: known.joined(separator: ", ")
            )
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
    private func checkPool<Address: AddressNumber>(
        _ pool: Node,
        _ subnet: Subnet<Address>,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        let reserved = Self.reserved(Address.self).first { $0.subnet.overlaps(subnet) }
        if let reserved {
            diagnostics.problem(
                "no host can have an address of \(subnet): \(reserved.subnet) is for \(reserved.use)",
                at: pool["subnet"]?.mark ?? pool.mark,
                hint: Address.hasBroadcast ? "172.28.0.0/16" : "fd00:28::/64",
                path: path + ".subnet"
            )
        }
        if !subnet.hasRoom {
            diagnostics.problem(
                "subnet \(subnet) has no room for a gateway and a container",
                at: pool["subnet"]?.mark ?? pool.mark,
                hint:
                    "\(Subnet(around: subnet.base, prefixLength: Address.hasBroadcast ? 24 : 64))",
                path: path + ".subnet"
            )
        } else if let node = pool["gateway"], let text = node.string,
            let gateway = Address(text),
            !subnet.hosts.contains(gateway.number)
        {
            diagnostics.problem(
                "\(text) is not the address of a host in subnet \(subnet)",
                at: node.mark,
                hint: subnet.hosts.first.map { "\(Address($0))" },
                path: path + ".gateway"
            )
        }
        for (name, node) in pool["aux_addresses"]?.map ?? [:] {
            guard let text = node.string, let address = Address(text) else { continue }
            if !subnet.hosts.contains(address.number) {
                diagnostics.problem(
                    "\(text) is not the address of a host in subnet \(subnet)",
                    at: node.mark,
                    path: path + ".aux_addresses.\(name)"
                )
            }
        }
        if let node = pool["ip_range"], let text = node.string, let range = Subnet<Address>(text),
            !subnet.contains(range)
        {
            diagnostics.problem(
                "\(text) is not inside subnet \(subnet)",
                at: node.mark,
                path: path + ".ip_range"
            )
        }
    }

    /// RFC 6890, RFC 5771 and RFC 4291, 2.4: what is never the address of a host on a network.
    private static func reserved<Address: AddressNumber>(
        _: Address.Type
    ) -> [(subnet: Subnet<Address>, use: String)] {
        [
            ("0.0.0.0/8", "this host itself"), ("127.0.0.0/8", "the loopback"),
            ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "later use"),
            ("::/127", "this host itself"), ("::ffff:0:0/96", "IPv4"),
            ("fe80::/10", "one link alone"), ("ff00::/8", "multicast"),
        ].compactMap { text, use in Subnet<Address>(text).map { ($0, use) } }
    }
}

/// A subnet that a network declares, with the gateway that it will have.
private struct DeclaredPool<Address: AddressNumber> {
    let subnet: Subnet<Address>
    /// The one declared, or the first address of the range; nil where there can be none.
    let gateway: Address?

    init?(_ node: Node) {
        guard let subnet = node["subnet"]?.string.flatMap({ Subnet<Address>($0) }) else {
            return nil
        }
        self.subnet = subnet
        let range = node["ip_range"]?.string.flatMap { Subnet<Address>($0) }
        gateway =
            node["gateway"]?.string.flatMap { Address($0) }
            ?? subnet.hosts(in: range).first.map { Address($0) }
    }
}
