package import Addresses
import ContainerNetwork
package import ContainerRuntime
package import Linux

/// The host's side of a container's ports, taken and held.
struct HeldPorts: Sendable {
    /// With the numbers they really have.
    var published: [PortBinding] = []
    /// Hold the ports that the kernel leads to the container, as long as they are open.
    var sockets: [SharedFD] = []
    var relayed: [RelayedPort] = []
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

extension Engine {
    /// Takes the relayed ports of a running container anew, after whoever had them ended.
    package func holdRelayed(
        _ published: [PortBinding],
        of wiring: Wiring
    ) async throws -> [RelayedPort] {
        var relayed: [RelayedPort] = []
        for port in published {
            guard let address = IPAddress(port.hostAddress), let number = port.hostPort,
                let target = wiring.outward.relayTarget(of: port, at: address)
            else { continue }
            let held = try await kernel.holdPort(
                address,
                number,
                TransportProtocol(port.transport),
                isServed: true
            )
            relayed.append(
                RelayedPort(socket: held.fd, transport: port.transport, target: target)
            )
        }
        return relayed
    }
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
