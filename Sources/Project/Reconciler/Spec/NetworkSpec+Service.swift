import Addresses
import Compose
import ContainerRuntime
import OCI
import OrderedCollections

extension NetworkAttachment {
    /// The networks of a service by `priority` and key, which is the order of the container's
    /// interfaces. Aliases are the service's name and those of the file; a container's own
    /// name and identifier resolve without being written here.
    static func all(
        of service: Service,
        in project: Project
    ) throws(ReconcilerError) -> [NetworkAttachment] {
        let ordered = service.networks.sorted { left, right in
            (right.value.priority, left.key) < (left.value.priority, right.key)
        }
        // docker compose: whose link it is that has the address of the service.
        let main = ordered.first?.key
        var attachments: [NetworkAttachment] = []
        for (key, network) in ordered {
            guard let declaration = project.networks[key] else {
                throw ReconcilerError(
                    "service \"\(service.name)\"",
                    "network \"\(key)\" is not declared",
                    remedy: "add it to the top-level `networks`"
                )
            }
            var attachment = NetworkAttachment(network: declaration.name)
            attachment.aliases = Array(OrderedSet([service.name] + network.aliases))
            attachment.ipv4Address = network.ipv4Address?.description
            attachment.ipv6Address = network.ipv6Address?.description
            let mac = network.macAddress ?? (key == main ? service.macAddress : nil)
            attachment.macAddress = mac?.description
            attachment.interfaceName = network.interfaceName ?? network.driverOpts[interfaceOption]
            if let text = network.driverOpts[LinkParameters.option] {
                do throws(LinkParameters.Mistake) {
                    attachment.linkParameters = try LinkParameters.read(text)
                } catch {
                    throw ReconcilerError("service \"\(service.name)\"", error.description)
                }
            }
            if !network.linkLocalIPs.isEmpty {
                attachment.linkLocalAddresses = network.linkLocalIPs.map(\.description)
            }
            if network.gatewayPriority != 0 { attachment.gatewayPriority = network.gatewayPriority }
            attachments.append(attachment)
        }
        return attachments
    }

    /// Docker's name of `interface_name` among the options of a driver.
    private static let interfaceOption = "com.docker.network.endpoint.ifname"
}

extension ExtraHost {
    /// A line of the file, with the address as `/etc/hosts` has it.
    init(of entry: HostEntry) {
        switch entry.address {
        case .address(let address): self.init(name: entry.name, address: address.description)
        case .hostGateway: self.init(name: entry.name, address: "host-gateway")
        }
    }
}

extension ContainerLink {
    /// Those that give a name which a container would not find otherwise; nil for none.
    static func all(of service: Service) -> [ContainerLink]? {
        let own = service.links.filter { $0.alias != nil && $0.alias != $0.target }
        let links =
            own.map { ContainerLink(.service($0.target), alias: $0.alias ?? $0.target) }
            + service.externalLinks.map {
                ContainerLink(.container($0.target), alias: $0.alias ?? $0.target)
            }
        return links.isEmpty ? nil : links
    }
}

extension DNSSettings {
    /// What a service says of how names are looked up.
    init(of declaration: NameServiceDeclaration) {
        self.init()
        servers = declaration.servers.map(\.description)
        searchDomains = declaration.search.filter { !$0.isEmpty }
        options = declaration.options.filter { !$0.isEmpty }
    }
}

extension PortBinding {
    /// The published ports of every replica. Which port of a range one takes is chosen for all
    /// containers of a plan together (`UpPlan.choosePorts`), and finally when it starts.
    static func all(of service: Service) throws(ReconcilerError) -> [PortBinding] {
        var bindings: OrderedSet<PortBinding> = []
        // In the host's network, and in none, nothing is published: as with Docker.
        switch service.networkMode {
        case .host?, NetworkModeDeclaration.none?, .service?, .container?: return []
        case .named?, nil: break
        }
        for port in service.ports {
            guard let transport = Transport(rawValue: port.transport.rawValue) else {
                throw ReconcilerError(
                    "service \"\(service.name)\"",
                    "port \(port.target)/\(port.transport.rawValue): only tcp and udp are supported yet"
                )
            }
            var binding = PortBinding(
                hostAddress: port.hostAddress?.description ?? "0.0.0.0",
                hostPort: nil,
                containerPort: port.target,
                transport: transport
            )
            binding.isIPv4Alone = port.hostAddress == .v4(.any) ? true : nil
            // nil is a free one.
            if let range = port.published {
                binding.hostPort = range.count == 1 ? range.first : nil
                binding.hostRange = range.count == 1 ? nil : range
            }
            bindings.append(binding)
        }
        return Array(bindings)
    }
}

extension ExposedPorts {
    /// What the image and the service name, in one order whatever theirs is. What is no port says
    /// nothing: no start depends on it.
    static func all(of service: Service, image: ContainerDefaults) -> [ExposedPorts] {
        Set((Array(image.exposedPorts) + service.expose).compactMap { ExposedPorts($0) })
            .sorted {
                ($0.ports.first, $0.ports.last, $0.transport.rawValue)
                    < ($1.ports.first, $1.ports.last, $1.transport.rawValue)
            }
    }
}
