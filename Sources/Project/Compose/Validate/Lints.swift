import Addresses
import KernelNames
import OrderedCollections

/// What is right by the specification and yet hardly meant: told as warnings, where it stands.
struct Lints {
    let root: Node
    /// The services that take part.
    let enabled: Node.Mapping
    let environment: [String: String]
    /// `up` itself says who would have one port or address: its flags decide how many there are. What
    /// no container could start with is an error then.
    let isToRun: Bool

    func check(_ diagnostics: inout Diagnostics) {
        if !isToRun { checkPorts(&diagnostics) }
        for (name, service) in enabled {
            let path = "services.\(name)"
            if !isToRun { checkReplicas(service, path, &diagnostics) }
            checkNetworkMode(service, path, &diagnostics)
            checkRestart(service, path, &diagnostics)
            if !isToRun { checkMemory(service, path, &diagnostics) }
            checkCapabilities(service, path, &diagnostics)
        }
        checkFamilies(&diagnostics)
        checkSources(&diagnostics)
        checkUnused(&diagnostics)
    }

    /// Two containers cannot both have a port of the host: only the first would start.
    private func checkPorts(_ diagnostics: inout Diagnostics) {
        var owners: [String: PortOwners] = [:]
        for (name, service) in enabled {
            for (index, port) in (service["ports"]?.list ?? []).enumerated() {
                guard let published = port["published"]?.string, let number = UInt16(published),
                    number > 0
                else { continue }
                let place = port["host_ip"]?.string
                // The ports of IPv6 are others.
                let family = place?.contains(":") == true ? "/6" : ""
                let key = "\(number)/\(port["protocol"]?.string ?? "tcp")\(family)"
                let address = Self.address(place)
                let own = PortOwners.Owner(service: name, mark: port.mark)
                guard let other = owners[key, default: PortOwners()].add(own, at: address) else {
                    continue
                }
                diagnostics.warning(
                    "port \(number) of the host is also published by "
                        + (other.service == name ? "the same service" : other.service),
                    at: port.mark,
                    hint: "the other one is at "
                        + diagnostics.words(for: other.mark, from: port.mark),
                    path: "services.\(name).ports[\(index)]"
                )
            }
        }
    }

    /// Who has one port of the host, the first at each address: of very many at addresses of their
    /// own, each is not compared with all others.
    private struct PortOwners {
        struct Owner {
            var service: String
            var mark: Mark
        }

        private var first: Owner?
        /// With the number of owners before it.
        private var byAddress: [String: (owner: Owner, number: Int)] = [:]
        private var count = 0

        /// Adds an owner at an address, empty for all. - Returns: the first one it is in the way of.
        mutating func add(_ owner: Owner, at address: String) -> Owner? {
            defer {
                first = first ?? owner
                if byAddress[address] == nil { byAddress[address] = (owner, count) }
                count += 1
            }
            guard !address.isEmpty else { return first }
            guard let all = byAddress[""] else { return byAddress[address]?.owner }
            guard let same = byAddress[address] else { return all.owner }
            return all.number < same.number ? all.owner : same.owner
        }
    }

    /// Empty for every address of the host.
    private static func address(_ text: String?) -> String {
        guard let text, !["0.0.0.0", "::"].contains(text) else { return "" }
        return text
    }

    /// A port of the host, and a fixed address, is one container's.
    private func checkReplicas(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        guard let scale = service["scale"] ?? service["deploy"]?["replicas"],
            let count = scale.int, count > 1
        else { return }
        for (index, port) in (service["ports"]?.list ?? []).enumerated() {
            guard let published = port["published"]?.string, let range = PortRange(published),
                range.count < count
            else { continue }
            let isOne = range.count == 1
            let words = isOne ? "one container" : "\(range.count) containers"
            diagnostics.warning(
                "port\(isOne ? "" : "s") \(published) of the host can be published by \(words), not by \(count)",
                at: port.mark,
                hint:
                    "give a \(isOne ? "" : "larger ")range, as \"8000-8009:80\", or the port of the container alone",
                path: "\(path).ports[\(index)]"
            )
        }
        for (network, attachment) in service["networks"]?.map ?? [:] {
            for key in ["ipv4_address", "ipv6_address"] {
                guard let node = attachment[key], let address = node.string, !address.isEmpty
                else { continue }
                diagnostics.warning(
                    "\(address) can be the address of one container, not of \(count)",
                    at: node.mark,
                    hint: "leave it out: the service's name finds all of them",
                    path: "\(path).networks.\(network).\(key)"
                )
            }
        }
    }

    private func checkNetworkMode(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics)
    {
        if let mode = service["network_mode"]?.string,
            !NetworkModeDeclaration.namesOfDefault.contains(mode),
            let links = service["links"], links.list?.isEmpty == false
        {
            diagnostics.warning(
                "links give no names with \"network_mode: \(mode)\", only an order",
                at: links.keyMark,
                hint: "write them as \"depends_on\"",
                path: "\(path).links"
            )
        }
        guard let mode = service["network_mode"]?.string else { return }
        for key in ["dns_search", "dns_opt", "mac_address"] where Neighbour(mode) != nil {
            guard let node = service[key], !node.isNull, node.list?.isEmpty != true else {
                continue
            }
            diagnostics.warning(
                "changes nothing with \"network_mode: \(mode)\"",
                at: node.keyMark,
                hint: "the network and its name servers are those of the other container",
                path: "\(path).\(key)"
            )
        }
        guard ["host", "none"].contains(mode), let ports = service["ports"],
            ports.list?.isEmpty == false
        else { return }
        diagnostics.warning(
            "ports are not published with \"network_mode: \(mode)\"",
            at: ports.keyMark,
            hint: mode == "host"
                ? "the container has the ports of the host; remove one of the two"
                : "nothing reaches the container; remove one of the two",
            path: "\(path).ports"
        )
    }

    /// docker compose restarts nothing then, whatever `restart` says.
    private func checkRestart(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        guard let policy = service["deploy"]?["restart_policy"], policy.map != nil,
            policy["condition"]?.string?.isEmpty ?? true
        else { return }
        let restart = service["restart"]?.string.map { " and \"restart: \($0)\" is left out" }
        diagnostics.warning(
            "without a condition nothing is restarted\(restart ?? "")",
            at: policy.keyMark,
            hint: "add \"condition: any\" or \"condition: on-failure\"",
            path: "\(path).deploy.restart_policy"
        )
    }

    /// A limit without a unit is in bytes, and no container starts with so few.
    private func checkMemory(_ service: Node, _ path: String, _ diagnostics: inout Diagnostics) {
        let limits = service["deploy"]?["resources"]?["limits"]
        for (key, node) in [
            ("mem_limit", service["mem_limit"]),
            ("deploy.resources.limits.memory", limits?["memory"]),
        ] {
            guard let node, let text = node.string, let bytes = Int64(text), bytes > 0,
                bytes < 6 << 20
            else { continue }
            let hasUnit = diagnostics.sources.word(at: node.mark) != text
            diagnostics.warning(
                "\(bytes) bytes are less than the 6 MiB that a container needs",
                at: node.mark,
                hint: hasUnit ? nil : "write \(bytes)m for MiB",
                path: "\(path).\(key)"
            )
        }
    }

    /// Capabilities that leave nothing of the sandbox: capabilities(7) calls the first the new root.
    private func checkCapabilities(
        _ service: Node,
        _ path: String,
        _ diagnostics: inout Diagnostics
    ) {
        let added = (service["cap_add"]?.list ?? []).enumerated().compactMap { index, node in
            node.string.flatMap { Capability.Choice($0) }.map { (index, node, choice: $0) }
        }
        let isAll = added.contains { $0.choice == .all }
        for (index, node, choice) in added where !isAll || choice == .all {
            let power: String
            switch choice {
            case .all: power = "is every capability: root in the container is root of the machine"
            case .one("CAP_SYS_ADMIN"):
                power = "allows mounts and namespaces: root in the container can leave it"
            case .one("CAP_SYS_MODULE"):
                power = "lets root of the container load code into the kernel of the machine"
            case .one: continue
            }
            diagnostics.warning(
                "\(node.string ?? "") \(power)",
                at: node.mark,
                hint: "add only what the program needs; capabilities(7) says what each one allows",
                path: "\(path).cap_add[\(index)]"
            )
        }
    }

    /// A secret or config whose variable is not set fails only when a container starts.
    private func checkSources(_ diagnostics: inout Diagnostics) {
        for section in ["secrets", "configs"] {
            for (name, resource) in root[section]?.map ?? [:] {
                guard let source = resource["environment"], let variable = source.string,
                    environment[variable] == nil
                else { continue }
                let kind = section == "secrets" ? "secret" : "config"
                diagnostics.warning(
                    "the \"\(variable)\" variable is not set: the \(kind) has no content",
                    at: source.mark,
                    hint: "set it before the containers start",
                    path: "\(section).\(name).environment"
                )
            }
        }
    }

    /// What is declared and asked for by no service, whatever its profile. Where something is wrong
    /// in a service, or may have been meant for one, it may be what asks for it.
    private func checkUnused(_ diagnostics: inout Diagnostics) {
        if ["services", "include", ""].contains(where: { diagnostics.hasProblem(under: $0) }) {
            return
        }
        let services = root["services"]?.map ?? [:]
        guard !services.isEmpty else { return }
        for (section, kind) in [
            ("networks", "network"), ("volumes", "volume"), ("secrets", "secret"),
            ("configs", "config"), ("models", "model"),
        ] {
            var declared = root[section]?.map ?? [:]
            // The name `default` gives the network of all others its settings.
            if section == "networks" { declared["default"] = nil }
            guard !declared.isEmpty else { continue }
            var used = ProfileSelection.used(section, of: root)
            if section == "configs" {
                for service in services.values {
                    guard let key = service["credential_spec"]?["config"]?.string else { continue }
                    used[key] = declared[key]
                }
            }
            for (name, resource) in declared where used[name] == nil {
                diagnostics.warning(
                    "no service uses this \(kind)",
                    at: resource.keyMark,
                    hint: "add it to the \"\(section)\" of a service, or remove it",
                    path: "\(section).\(name)"
                )
            }
        }
    }
}
