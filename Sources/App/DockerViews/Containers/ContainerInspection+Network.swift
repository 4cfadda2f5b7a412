import Addresses
import ContainerRuntime
import Engine
import GoTemplate

extension ContainerInspection {
    /// Where it is connected and what is published. The members of before networks had names are
    /// those of the default one, and empty of a container that is not there.
    var networkSettings: GoValue {
        let endpoints: [(key: String, value: GoValue)] =
            container.endpoints.map { endpoint in
                (endpoint.networkName, settings(of: endpoint))
            } + predefined
        // Who joins its network finds it here, and who looks at it.
        let key = (hasOwnNetwork ? container.initPID : nil).map { "/proc/\($0)/ns/net" }
        return .object(
            [
                ("Bridge", .string("")),
                ("SandboxID", .string(key == nil ? "" : container.record.id.text)),
                ("SandboxKey", .string(key ?? "")),
                ("Ports", .map(GoMap(isRunning ? publishedPorts : []))),
                ("HairpinMode", .bool(false)), ("LinkLocalIPv6Address", .string("")),
                ("LinkLocalIPv6PrefixLen", .integer(0)), ("SecondaryIPAddresses", .nothing(.list)),
                ("SecondaryIPv6Addresses", .nothing(.list)),
            ] + formerMembers + [("Networks", .map(GoMap(endpoints)))]
        )
    }

    /// Whether it is connected to the network that is always there under docker's name.
    var isOnDefaultNetwork: Bool { defaultEndpoint != nil }

    private var defaultEndpoint: EndpointRecord? {
        container.endpoints.first { $0.networkName == ListedNetwork.Predefined.bridge.rawValue }
    }

    private var hasOwnNetwork: Bool {
        switch spec.network {
        case .attached, .none: isRunning
        case .host, .container: false
        }
    }

    /// Where it is on the default network, beside all networks.
    private var formerMembers: Members {
        let names = [
            "EndpointID", "Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "IPAddress",
            "IPPrefixLen", "IPv6Gateway", "MacAddress",
        ]
        var known: [String: GoValue] = [:]
        if let endpoint = defaultEndpoint, case .map(let map) = settings(of: endpoint) {
            for name in names { known[name] = map[name] }
        }
        return names.map { name in
            (name, known[name] ?? (name.hasSuffix("PrefixLen") ? .integer(0) : .string("")))
        }
    }

    /// The place on a network that is always there: it has no address.
    private var predefined: [(key: String, value: GoValue)] {
        let network: ListedNetwork.Predefined
        switch spec.network {
        case .host: network = .host
        case .none: network = .none
        default: return []
        }
        let id = isRunning ? EndpointID.text(of: container.record.id, on: network.id) : ""
        return [
            (
                network.rawValue,
                .object([
                    ("IPAMConfig", .nothing(.map)), ("Links", .nothing(.list)),
                    ("Aliases", .nothing(.list)), ("MacAddress", .string("")),
                    ("DriverOpts", .nothing(.map)), ("GwPriority", .integer(0)),
                    ("NetworkID", .string(network.id)), ("EndpointID", .string(id)),
                    ("Gateway", .string("")), ("IPAddress", .string("")),
                    ("IPPrefixLen", .integer(0)), ("IPv6Gateway", .string("")),
                    ("GlobalIPv6Address", .string("")), ("GlobalIPv6PrefixLen", .integer(0)),
                    ("DNSNames", .nothing(.list)),
                ])
            )
        ]
    }

    private var isRunning: Bool { container.record.status == .running }

    /// By the container's port; null for one that is only exposed.
    private var publishedPorts: [(key: String, value: GoValue)] {
        var places: [String: [GoValue]] = [:]
        for binding in container.record.published {
            let port = "\(binding.containerPort)/\(binding.transport.rawValue)"
            places[port, default: []].append(
                .object([
                    ("HostIp", .string(binding.hostAddress)),
                    ("HostPort", .string(binding.hostPort.map { "\($0)" } ?? "")),
                ])
            )
        }
        var ports = places.mapValues { GoValue.list($0) }
        for range in spec.exposed ?? [] {
            for port in range.ports.first...range.ports.last {
                let name = "\(port)/\(range.transport)"
                if ports[name] == nil { ports[name] = .nothing(.list) }
            }
        }
        return ports.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The addresses that were asked for.
    private func ipamConfig(of endpoint: EndpointRecord) -> GoValue {
        guard case .attached(let attachments) = spec.network,
            let asked = attachments.first(where: { $0.network == endpoint.networkName })
        else { return .nothing(.map) }
        let members =
            (asked.ipv4Address.map { [("IPv4Address", GoValue.string($0))] } ?? [])
            + (asked.ipv6Address.map { [("IPv6Address", GoValue.string($0))] } ?? [])
            + (asked.linkLocalAddresses.map { [("LinkLocalIPs", GoValue.strings($0))] } ?? [])
        return members.isEmpty ? .nothing(.map) : .object(members)
    }

    /// What its driver was asked for, by docker's names.
    private func options(of endpoint: EndpointRecord) -> GoValue {
        guard let parameters = endpoint.details.linkParameters, !parameters.isEmpty else {
            return .nothing(.map)
        }
        let text = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return .strings(["com.docker.network.endpoint.sysctls": text.joined(separator: ",")])
    }

    /// Addresses are shown while it runs, as docker takes them back when it ends.
    private func settings(of endpoint: EndpointRecord) -> GoValue {
        let network = networks[endpoint.network]
        func running(_ text: String?) -> GoValue { .string(isRunning ? text ?? "" : "") }
        func running(_ bits: UInt8?) -> GoValue { .integer(isRunning ? Int64(bits ?? 0) : 0) }
        return .object([
            ("IPAMConfig", ipamConfig(of: endpoint)),
            (
                "Links",
                .stringsOrNull(
                    ((spec.links ?? []) + (endpoint.details.links ?? [])).map {
                        "\($0.target.name):\($0.alias)"
                    }
                )
            ),
            ("Aliases", .stringsOrNull(endpoint.aliases)),
            ("MacAddress", running(endpoint.mac.description)),
            ("DriverOpts", options(of: endpoint)),
            ("GwPriority", .integer(Int64(endpoint.details.gatewayPriority ?? 0))),
            ("NetworkID", .string(endpoint.network.text)),
            (
                "EndpointID",
                running(EndpointID.text(of: container.record.id, on: endpoint.network.text))
            ), ("Gateway", running(network?.ipv4?.gateway.description)),
            ("IPAddress", running(endpoint.addresses.ipv4?.description)),
            ("IPPrefixLen", running(network?.ipv4?.subnet.prefixLength)),
            ("IPv6Gateway", running(network?.ipv6?.gateway.description)),
            ("GlobalIPv6Address", running(endpoint.addresses.ipv6?.description)),
            ("GlobalIPv6PrefixLen", running(network?.ipv6?.subnet.prefixLength)),
            (
                "DNSNames",
                .strings([container.record.name] + endpoint.aliases + [container.record.id.short])
            ),
        ])
    }
}
