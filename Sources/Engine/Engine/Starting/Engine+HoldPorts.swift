import Addresses
import ContainerNetwork
import ContainerRuntime
import Linux

extension Engine {
    /// Takes the host's side of the ports; all of them or none.
    func holdPorts(
        _ ports: [PortBinding],
        of name: String,
        connections: [PreparedStart.Connection]
    ) async throws -> (published: [PortBinding], sockets: [SharedFD], warnings: [String]) {
        guard !ports.isEmpty, !connections.isEmpty else { return ([], [], []) }
        let outward = Outward(connections)
        guard outward.main != nil else {
            return (
                [], [], ["\(name): its networks are internal, so its ports are not published"]
            )
        }
        let held = try await holdPorts(ports, of: name, through: outward)
        return (held.published, held.sockets, [])
    }

    /// The same where it is known by which networks the container is reached; none without any.
    func holdPorts(
        _ ports: [PortBinding],
        of name: String,
        through outward: Outward
    ) async throws -> (published: [PortBinding], sockets: [SharedFD]) {
        guard let main = outward.main else { return ([], []) }
        var published: [PortBinding] = []
        var sockets: [SharedFD] = []
        for port in ports {
            let held = try await holdPort(
                port,
                at: try Self.addresses(of: port, of: name, outward, main),
                of: name
            )
            for side in held {
                var binding = port
                binding.hostAddress = "\(side.place.address)"
                binding.hostPort = side.place.port
                binding.hostRange = nil
                binding.isIPv4Alone = nil
                published.append(binding)
                sockets.append(side.socket)
            }
        }
        return (published, sockets)
    }

    /// The host's addresses that a port is published at: of each family that the container has, when
    /// none is asked for.
    private static func addresses(
        of port: PortBinding,
        of name: String,
        _ outward: Outward,
        _ main: NetworkRecord
    ) throws -> [IPAddress] {
        let own = outward.addresses
        let attempt = "cannot publish port \(port.containerPort) of `\(name)`"
        guard let address = IPAddress(port.hostAddress) else {
            throw EngineError(
                .invalid,
                attempt,
                because: "`\(port.hostAddress)` is no IP address"
            )
        }
        if address == .v4(.any), port.isIPv4Alone != true {
            let usual = main.options.hostAddress
            let all: [IPAddress] = [.v4(usual ?? .any)] + (usual == nil ? [.v6(.any)] : [])
            let possible = all.filter { own.first(of: $0.family) != nil }
            if !possible.isEmpty { return possible }
        }
        guard own.first(of: address.family) != nil else {
            throw EngineError(
                .invalid,
                attempt,
                because: "`\(address)` is \(address.family.words), and network "
                    + "`\(main.name)` has none",
                remedy: "set enable_\(address.family.words.lowercased()) on the network, "
                    + "or publish at another address"
            )
        }
        return [address]
    }

    /// Of a range the port that is preferred, or else the first that nobody has; the same at all
    /// addresses.
    private func holdPort(
        _ port: PortBinding,
        at addresses: [IPAddress],
        of name: String
    ) async throws -> [Held] {
        let transport = TransportProtocol(port.transport)
        guard let range = port.hostRange else {
            do { return try await holdPort(port.hostPort, at: addresses, transport) } catch {
                guard let failure = error as? NetworkError else { throw error }
                throw try await named(failure, holderOf: port)
            }
        }
        let preferred = port.hostPort.map { [$0] } ?? []
        let ports = preferred + (range.first...range.last).filter { $0 != port.hostPort }
        if addresses.count == 1 {
            let held = try await kernel.holdPort(addresses[0], from: ports, transport)
            if let held { return [Held(SocketAddress(addresses[0], port: held.port), held.fd)] }
        } else {
            for number in ports {
                if let held = try await holdPortUnlessInUse(number, at: addresses, transport) {
                    return held
                }
            }
        }
        throw EngineError(
            .inUse,
            "cannot publish port \(port.containerPort) of `\(name)`",
            because: "all ports of \(range)/\(port.transport.rawValue) are in use",
            remedy: "stop what has one of them (`ss -lptun` lists them), or publish a larger range"
        )
    }

    private func holdPortUnlessInUse(
        _ port: UInt16,
        at addresses: [IPAddress],
        _ transport: TransportProtocol
    ) async throws -> [Held]? {
        var held: [Held] = []
        for address in addresses {
            guard
                let next = try await kernel.holdPort(
                    address,
                    from: CollectionOfOne(port),
                    transport
                )
            else { return nil }
            held.append(Held(SocketAddress(address, port: next.port), next.fd))
        }
        return held
    }

    /// One port, or any that is free at all addresses.
    private func holdPort(
        _ port: UInt16?,
        at addresses: [IPAddress],
        _ transport: TransportProtocol
    ) async throws -> [Held] {
        var number = port ?? 0
        if number == 0, addresses.count > 1 {
            for _ in 0..<16 {
                let first = try await kernel.holdPort(addresses[0], nil, transport)
                let others = Array(addresses.dropFirst())
                let rest = try await holdPortUnlessInUse(first.port, at: others, transport)
                guard let rest else { continue }
                return [Held(SocketAddress(addresses[0], port: first.port), first.fd)] + rest
            }
        }
        var held: [Held] = []
        for address in addresses {
            let next = try await kernel.holdPort(address, number, transport)
            number = next.port
            held.append(Held(SocketAddress(address, port: next.port), next.fd))
        }
        return held
    }
}

/// The host's side of a port, as long as the socket lives.
private struct Held {
    var place: SocketAddress
    var socket: SharedFD

    init(_ place: SocketAddress, _ socket: SharedFD) {
        self.place = place
        self.socket = socket
    }
}
