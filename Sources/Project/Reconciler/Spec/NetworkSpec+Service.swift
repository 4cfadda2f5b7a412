import Compose
import ContainerRuntime
import OCI
import OrderedCollections

extension NetworkAttachment {
    /// The networks of a service, the one with the highest priority first, then by key: it gives
    /// the default route. Aliases are the service's name and those of the file; a container's own
    /// name and identifier resolve without being written here.
    static func all(
        of service: Service,
        in project: Project
    ) throws(ReconcilerError) -> [NetworkAttachment] {
        let ordered = service.networks.sorted { left, right in
            (right.value.priority, left.key) < (left.value.priority, right.key)
        }
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
            attachment.ipv4Address = network.ipv4Address
            attachments.append(attachment)
        }
        return attachments
    }
}

extension PortBinding {
    /// The published ports of one replica. Of a published range the replica takes the port of its
    /// number, so that replicas never compete for one.
    static func all(
        of service: Service,
        number: Int
    ) throws(ReconcilerError) -> [PortBinding] {
        var bindings: OrderedSet<PortBinding> = []
        for port in service.ports {
            guard let transport = Transport(rawValue: port.transport) else {
                throw ReconcilerError(
                    "service \"\(service.name)\"",
                    "port \(port.target)/\(port.transport): only tcp and udp are supported yet"
                )
            }
            bindings.append(
                PortBinding(
                    hostAddress: port.hostAddress ?? "0.0.0.0",
                    hostPort: try hostPort(port, of: service, number: number),
                    containerPort: port.target,
                    transport: transport
                )
            )
        }
        return Array(bindings)
    }

    /// nil for a free one.
    private static func hostPort(
        _ port: PublishedPort,
        of service: Service,
        number: Int
    ) throws(ReconcilerError) -> UInt16? {
        guard let published = port.published, !published.isEmpty, published != "0" else {
            return nil
        }
        let bounds = published.split(separator: "-").map { UInt16($0) }
        guard let first = bounds.first ?? nil, let last = bounds.last ?? nil, bounds.count <= 2,
            0 < first, first <= last
        else {
            throw ReconcilerError(
                "service \"\(service.name)\"",
                "cannot publish \"\(published)\"",
                remedy: "a port or a range of ports from 1 to 65535"
            )
        }
        return first + UInt16((number - 1) % (Int(last - first) + 1))
    }
}

extension ExposedPorts {
    /// What the image and the service name, in one order whatever theirs is. What is no port says
    /// nothing: no start depends on it.
    static func all(of service: Service, image: ContainerDefaults) -> [ExposedPorts] {
        Set((Array(image.exposedPorts) + service.expose).compactMap { ExposedPorts($0) })
            .sorted {
                ($0.ports.first, $0.ports.last, $0.transport)
                    < ($1.ports.first, $1.ports.last, $1.transport)
            }
    }
}
