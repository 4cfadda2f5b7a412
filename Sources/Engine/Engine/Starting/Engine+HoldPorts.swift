import Addresses
import ContainerNetwork
import ContainerRuntime

extension Engine {
    /// Takes the host's side of the ports; all of them or none.
    func holdPorts(
        _ ports: [PortBinding],
        of name: String,
        connections: [PreparedStart.Connection]
    ) async throws -> (held: HeldPorts, warnings: [String]) {
        guard !ports.isEmpty, !connections.isEmpty else { return (HeldPorts(), []) }
        let outward = Outward(connections)
        guard outward.main != nil else {
            let words = "\(name): its networks are internal, so its ports are not published"
            return (HeldPorts(), [words])
        }
        if let main = outward.main, !main.configuration.hasHost {
            let words =
                "\(name): network \(main.name) (\(main.driver.rawValue)) leads out of it, and the host is "
                + "not on that one, so its ports are not published"
            return (HeldPorts(), [words])
        }
        return (try await holdPorts(ports, of: name, through: outward), [])
    }

    /// The same where it is known by which networks the container is reached; none without any.
    func holdPorts(
        _ ports: [PortBinding],
        of name: String,
        through outward: Outward
    ) async throws -> HeldPorts {
        var all = HeldPorts()
        guard let main = outward.main, main.configuration.hasHost else { return all }
        let hasIPv6 = try await kernel.servesIPv6()
        for port in ports {
            let places = try Self.places(of: port, of: name, outward, main, hasIPv6: hasIPv6)
            let own = all.sides.map(\.binding)
            for side in try await holdPort(port, at: places, of: name, besides: own) {
                let address = side.place.address
                var binding = port
                binding.hostAddress = "\(address)"
                binding.hostPort = side.port
                binding.hostRange = nil
                binding.isIPv4Alone = nil
                all.sides.append(
                    HeldPorts.Side(
                        binding: binding,
                        socket: side.socket,
                        target: outward.relayTarget(of: port, at: address)
                    )
                )
            }
        }
        return all
    }

    /// The host's addresses that a port is published at: of each family, when none is asked for, and
    /// either leads to IPv4 where the container has nothing else.
    private static func places(
        of port: PortBinding,
        of name: String,
        _ outward: Outward,
        _ main: NetworkRecord,
        hasIPv6: Bool
    ) throws -> [HostPlace] {
        let own = outward.addresses
        func place(_ address: IPAddress) -> HostPlace? {
            if own.first(of: address.family) != nil { return HostPlace(address: address) }
            let isRelayed = outward.relayTarget(of: port, at: address) != nil
            return isRelayed ? HostPlace(address: address, isRelayed: true) : nil
        }
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
            let possible = all.compactMap(place).filter { !$0.isRelayed || hasIPv6 }
            if !possible.isEmpty { return possible }
        }
        guard let asked = place(address) else {
            throw EngineError(
                .invalid,
                attempt,
                because: "`\(address)` is \(address.family.words), and network "
                    + "`\(main.name)` has none",
                remedy: "set enable_\(address.family.words.lowercased()) on the network, "
                    + "or publish at another address"
            )
        }
        return [asked]
    }

    /// Of a range the port that is preferred, or else the first that nobody has; the same at all
    /// addresses. `own` are those that the container has by now.
    private func holdPort(
        _ port: PortBinding,
        at places: [HostPlace],
        of name: String,
        besides own: [PortBinding]
    ) async throws -> [HeldPlace] {
        let transport = TransportProtocol(port.transport)
        guard let range = port.hostRange else {
            do { return try await holdPort(port.hostPort, at: places, transport) } catch {
                guard let failure = error as? NetworkError else { throw error }
                if let other = own.first(where: port.excludes) { throw failure.naming(other) }
                throw try await named(failure, holderOf: port)
            }
        }
        let preferred = port.hostPort.map { [$0] } ?? []
        let ports = preferred + (range.first...range.last).filter { $0 != port.hostPort }
        if places.count == 1 {
            let held = try await kernel.holdPort(
                places[0].address,
                from: ports,
                transport,
                isServed: places[0].isRelayed
            )
            if let held {
                return [HeldPlace(place: places[0], port: held.port, socket: held.fd)]
            }
        } else {
            for number in ports {
                if let held = try await holdPortUnlessInUse(number, at: places, transport) {
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
        at places: [HostPlace],
        _ transport: TransportProtocol
    ) async throws -> [HeldPlace]? {
        var held: [HeldPlace] = []
        for place in places {
            guard
                let next = try await kernel.holdPort(
                    place.address,
                    from: CollectionOfOne(port),
                    transport,
                    isServed: place.isRelayed
                )
            else { return nil }
            held.append(HeldPlace(place: place, port: next.port, socket: next.fd))
        }
        return held
    }

    /// One port, or any that is free at all addresses.
    private func holdPort(
        _ port: UInt16?,
        at places: [HostPlace],
        _ transport: TransportProtocol
    ) async throws -> [HeldPlace] {
        var number = port ?? 0
        if number == 0, places.count > 1 {
            for _ in 0..<16 {
                let first = try await holdPort(0, at: [places[0]], transport)
                let others = Array(places.dropFirst())
                let rest = try await holdPortUnlessInUse(first[0].port, at: others, transport)
                guard let rest else { continue }
                return first + rest
            }
        }
        var held: [HeldPlace] = []
        for place in places {
            let next = try await kernel.holdPort(
                place.address,
                number,
                transport,
                isServed: place.isRelayed
            )
            number = next.port
            held.append(HeldPlace(place: place, port: next.port, socket: next.fd))
        }
        return held
    }
}
