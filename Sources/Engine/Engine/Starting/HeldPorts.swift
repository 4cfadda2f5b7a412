package import Addresses
import ContainerNetwork
package import ContainerRuntime
package import Linux

/// The host's side of a container's ports, taken and held: nobody else gets them as long as this is
/// kept. A port that is let go is refused to clients at once, and free.
package struct HeldPorts: Sendable {
    /// One port at one address of the host.
    struct Side: Sendable {
        /// With the number that it really has.
        var binding: PortBinding
        var socket: SharedFD
        /// Where whoever keeps the port leads it; nil where the kernel does.
        var target: SocketAddress?
    }

    var sides: [Side] = []

    /// None.
    package init() {}

    /// With the numbers that they really have.
    package var published: [PortBinding] { sides.map(\.binding) }

    /// Holds those, too.
    package mutating func add(_ others: HeldPorts) { sides += others.sides }

    /// Those that somebody has to serve.
    package var relayed: [RelayedPort] {
        sides.compactMap { side in
            side.target.map {
                RelayedPort(socket: side.socket, transport: side.binding.transport, target: $0)
            }
        }
    }
}

/// A port of the host with IPv6 that leads to a container without: the kernel cannot translate between
/// families, so a process takes what comes and passes it on.
package struct RelayedPort: Sendable {
    /// Listens, or takes datagrams; does not block.
    package var socket: SharedFD
    /// Both sides' own.
    package var transport: PortBinding.Transport
    /// The container's.
    package var target: SocketAddress

    /// Of a socket that is bound and, for TCP, listens.
    package init(socket: SharedFD, transport: PortBinding.Transport, target: SocketAddress) {
        self.socket = socket
        self.transport = transport
        self.target = target
    }
}

/// The host's side of a port, as long as the socket lives.
struct HeldPlace: Sendable {
    var place: HostPlace
    var port: UInt16
    var socket: SharedFD
}

/// An address of the host at which a port is published.
struct HostPlace: Hashable, Sendable {
    var address: IPAddress
    /// Whether the container does not have the address's family.
    var isRelayed = false
}

extension Outward {
    /// Where a port is relayed to that is published at an address of a family which the container has
    /// not; nil when the kernel leads it, and for IPv4, which nobody leads to IPv6.
    func relayTarget(of port: PortBinding, at address: IPAddress) -> SocketAddress? {
        let own = addresses
        guard address.family == .v6, own.first(of: .v6) == nil,
            let target = own.first(of: .v4)
        else { return nil }
        return SocketAddress(target, port: port.containerPort)
    }
}
