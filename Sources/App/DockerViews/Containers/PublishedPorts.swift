package import ContainerRuntime

/// The published ports of a container, as `port` shows them.
package struct PublishedPorts: Sendable {
    private let bindings: [PortBinding]

    /// Those that are really published, while the container runs.
    package init(_ bindings: [PortBinding]) {
        self.bindings = bindings.sorted {
            ($0.containerPort, $0.transport.rawValue, $0.hostAddress.contains(":") ? 1 : 0)
                < ($1.containerPort, $1.transport.rawValue, $1.hostAddress.contains(":") ? 1 : 0)
        }
    }

    /// `80/tcp -> 0.0.0.0:8080`, by the container's port.
    package var lines: [String] {
        bindings.map { "\($0.containerPort)/\($0.transport) -> \(Self.place($0))" }
    }

    /// `0.0.0.0:8080`, every place where a port is published.
    package func places(of port: UInt16, _ transport: String) -> [String] {
        bindings.filter { $0.containerPort == port && $0.transport.rawValue == transport }
            .map(Self.place)
    }

    /// The first of them; nil for a port that is not published.
    package func first(of port: UInt16, _ transport: String) -> String? {
        places(of: port, transport).first
    }

    private static func place(_ binding: PortBinding) -> String {
        let address = binding.hostAddress
        let shown = address.contains(":") && !address.hasPrefix("[") ? "[\(address)]" : address
        return "\(shown):\(binding.hostPort ?? 0)"
    }
}
