import Addresses
import ContainerNetwork
import ContainerRuntime

/// What has to become of the ports that are held for a running container, so that it has those that it is to
/// have.
struct PortChange: Sendable {
    /// Stay held; where they lead to may be another address.
    var staying: [HeldPorts.Side] = []
    var leaving: [HeldPorts.Side] = []
    /// To be taken.
    var wanted: [PortBinding] = []

    /// Nothing is taken or let go.
    var isNone: Bool { leaving.isEmpty && wanted.isEmpty }

    /// From what is held to what is asked for, where the container is reached through `outward`: nowhere
    /// no port is published.
    init(from held: HeldPorts, to asked: [PortBinding], through outward: Outward) {
        let isReached = outward.main?.configuration.hasHost == true
        var rest = held.sides
        for port in isReached ? asked : [] {
            let isOfIt = { (side: HeldPorts.Side) in side.binding.answers(port) }
            let sides = rest.filter(isOfIt)
            rest.removeAll(where: isOfIt)
            let own = sides.map { side in
                var side = side
                side.target = IPAddress(side.binding.hostAddress)
                    .flatMap { outward.relayTarget(of: port, at: $0) }
                return side
            }
            // Whoever leads it changes with the families that the container has.
            let isSame = zip(sides, own).allSatisfy { ($0.target == nil) == ($1.target == nil) }
            if !sides.isEmpty, isSame {
                staying += own
            } else {
                leaving += sides
                wanted.append(port)
            }
        }
        leaving += rest
    }
}

extension PortBinding {
    /// Whether this published port is one that was asked for so.
    func answers(_ asked: PortBinding) -> Bool {
        guard transport == asked.transport, containerPort == asked.containerPort else {
            return false
        }
        if let range = asked.hostRange {
            guard let hostPort, hostPort >= range.first, hostPort <= range.last else {
                return false
            }
        } else if let number = asked.hostPort, number != 0, number != hostPort {
            return false
        }
        guard let own = IPAddress(hostAddress), let other = IPAddress(asked.hostAddress) else {
            return false
        }
        // One that names no address may be at any of the network's.
        return own == other || other == .v4(.any) && asked.isIPv4Alone != true
    }
}
