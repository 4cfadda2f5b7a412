import Addresses
import OrderedCollections

/// What a service says of its links to networks, and a network of its bridge.
extension UnsupportedValues {
    func checkInterfaces(
        _ service: Node,
        _ root: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        var names: [String: Mark] = [:]
        for (key, entry) in service["networks"]?.map ?? [:] {
            let place = "\(path).networks.\(key)"
            if let node = entry["interface_name"], let name = node.string, !name.isEmpty {
                check(interface: name, at: node, place + ".interface_name", &names, &diagnostics)
            }
            for (option, node) in entry["driver_opts"]?.map ?? [:] {
                if option == LinkParameters.option, let text = node.string {
                    do throws(LinkParameters.Mistake) {
                        _ = try LinkParameters.read(text)
                    } catch {
                        let place = "\(place).driver_opts.\(option)"
                        diagnostics.problem(error.description, at: node.mark, path: place)
                    }
                    continue
                }
                guard option == Self.interfaceOption, let name = node.string else {
                    diagnostics.problem(
                        "not supported yet",
                        at: node.keyMark,
                        hint: "\(Self.interfaceOption) and \(LinkParameters.option) are",
                        path: "\(place).driver_opts.\(option)"
                    )
                    continue
                }
                let place = "\(place).driver_opts.\(option)"
                check(interface: name, at: node, place, &names, &diagnostics)
            }
            for (index, node) in (entry["link_local_ips"]?.list ?? []).enumerated() {
                guard let text = node.string, let address = IPAddress(text) else { continue }
                let isLinkLocal = Self.linkLocal.contains { $0.contains(address) }
                let families = NetworkFamilies(root["networks"]?[key])
                if isLinkLocal, families.have(address.family) { continue }
                diagnostics.problem(
                    isLinkLocal
                        ? "network \"\(key)\" has no \(address.family.words)"
                        : "\(text) is not an address of 169.254.0.0/16 or fe80::/10",
                    at: node.mark,
                    hint: isLinkLocal
                        ? "enable_\(address.family.words.lowercased()): true on the network"
                        : "others are given under ipv4_address or ipv6_address",
                    path: "\(place).link_local_ips[\(index)]"
                )
            }
        }
        for (node, place) in Self.macAddresses(of: service, path) {
            guard let text = node.string, let address = MACAddress(text) else { continue }
            guard address.bytes[0] & 1 == 1 || address.bytes.allSatisfy({ $0 == 0 }) else {
                continue
            }
            diagnostics.problem(
                "\(text) is not the address of one link",
                at: node.mark,
                hint: "such as 02:42:ac:11:00:02: the first byte is even",
                path: place
            )
        }
    }

    private static let interfaceOption = "com.docker.network.endpoint.ifname"
    private static let linkLocal = ["169.254.0.0/16", "fe80::/10"].compactMap { IPSubnet($0) }

    private static func macAddresses(
        of service: Node,
        _ path: String
    ) -> [(node: Node, path: String)] {
        let own = service["mac_address"].map { [($0, path + ".mac_address")] } ?? []
        return own
            + (service["networks"]?.map ?? [:]).compactMap { key, entry in
                entry["mac_address"].map { ($0, "\(path).networks.\(key).mac_address") }
            }
    }

    /// As the kernel takes them: `dev_valid_name` of net/core/dev.c.
    private func check(
        interface name: String,
        at node: Node,
        _ path: String,
        _ names: inout [String: Mark],
        _ diagnostics: inout Diagnostics
    ) {
        let isName =
            (1...15).contains(name.utf8.count) && ![".", "..", "lo"].contains(name)
            && name.utf8.allSatisfy {
                $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":")
            }
        if !isName {
            diagnostics.problem(
                "\(name.debugDescription) cannot be the name of an interface",
                at: node.mark,
                hint: "at most 15 letters, digits and signs",
                path: path
            )
        } else if let other = names.updateValue(node.mark, forKey: name) {
            diagnostics.problem(
                "\"\(name)\" is the name of another interface of the service",
                at: node.mark,
                hint: "the other one is at " + diagnostics.words(for: other, from: node.mark),
                path: path
            )
        }
    }

    func checkDriverOptions(_ network: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        guard network["external"]?.bool != true else { return }
        let driver = network["driver"]?.string ?? "bridge"
        let rules = Self.parentOptions[driver] ?? Self.bridgeOptions
        for (key, node) in network["driver_opts"]?.map ?? [:] {
            let place = "\(path).\(key)"
            guard let rule = rules[key] else {
                diagnostics.problem(
                    "not supported yet",
                    at: node.keyMark,
                    hint: "those of the driver \(driver.isEmpty ? "bridge" : driver) are: "
                        + rules.keys.joined(separator: ", "),
                    path: place
                )
                continue
            }
            let text = node.string ?? ""
            if !rule.takes(text) {
                diagnostics.problem(
                    "\"\(text)\" is not \(rule.words)",
                    at: node.mark,
                    path: place
                )
            }
        }
    }

    private struct OptionRule: Sendable {
        var words: String
        var takes: @Sendable (String) -> Bool

        /// Go's `strconv.ParseBool`.
        static let flag = OptionRule(words: "true or false") {
            ["1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"]
                .contains($0)
        }
    }

    private static let mtu = OptionRule(words: "a number of bytes from 68 to 65535") {
        Int($0).map { (68...65535).contains($0) } ?? false
    }

    private static let parent = OptionRule(
        words: "a name of a link other than lo, at most 15 bytes"
    ) {
        $0.utf8.count <= 15 && $0 != "lo" && !$0.contains { " /:".contains($0) }
    }

    private static func choice(_ words: String...) -> OptionRule {
        OptionRule(words: "one of \(words.joined(separator: ", "))") {
            $0.isEmpty || words.contains($0)
        }
    }

    private static let parentOptions: [String: OrderedDictionary<String, OptionRule>] = [
        "macvlan": [
            "parent": parent, "macvlan_mode": choice("bridge", "private", "vepa", "passthru"),
            "com.docker.network.driver.mtu": mtu,
        ],
        "ipvlan": [
            "parent": parent, "ipvlan_mode": choice("l2", "l3", "l3s"),
            "ipvlan_flag": choice("bridge", "private", "vepa"),
            "com.docker.network.driver.mtu": mtu,
        ],
    ]

    private static let bridgeOptions: OrderedDictionary<String, OptionRule> = [
        "com.docker.network.bridge.name": OptionRule(words: "a name of a link, at most 15 bytes") {
            $0.utf8.count <= 15 && !$0.hasPrefix("bv") && !$0.contains { " /:".contains($0) }
        },
        "com.docker.network.driver.mtu": mtu,
        "com.docker.network.bridge.enable_icc": .flag,
        "com.docker.network.bridge.enable_ip_masquerade": .flag,
        "com.docker.network.bridge.host_binding_ipv4": OptionRule(words: "an IPv4 address") {
            IPv4Address($0) != nil
        },
        "com.docker.network.bridge.inhibit_ipv4": .flag,
        "com.docker.network.bridge.gateway_mode_ipv4": choice("nat", "isolated"),
        "com.docker.network.bridge.gateway_mode_ipv6": choice("nat", "isolated"),
        "com.docker.network.container_iface_prefix": OptionRule(
            words: "the start of a link's name, at most 12 bytes"
        ) { (1...12).contains($0.utf8.count) && !$0.contains { " /:".contains($0) } },
    ]
}
