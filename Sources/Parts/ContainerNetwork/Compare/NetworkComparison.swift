import Addresses
import CLinux

/// The records' word against the kernel's, in one place: what asks, repairs or only reports goes by
/// what this says.
enum NetworkComparison {
    /// Every difference, what walls depend on first; empty on a healthy machine.
    static func faults(
        of snapshot: NetworkSnapshot,
        against expected: NetworkExpectation,
        in state: String
    ) -> [NetworkFault] {
        guard !expected.networks.isEmpty else { return [] }
        let needsHost = expected.networks.contains(where: \.hasHost)
        return (needsHost ? host(snapshot, expected.families) : [])
            + expected.networks.flatMap { $0.driver.driver.faults(of: $0, in: snapshot, of: state) }
            + expected.connections.compactMap {
                $0.network.driver.driver.fault(of: $0, in: snapshot)
            }
            + expected.ports.compactMap { port($0, snapshot, expected.networks, state) }
    }

    private static func host(
        _ snapshot: NetworkSnapshot,
        _ families: [IPFamily]
    ) -> [NetworkFault] {
        var faults: [NetworkFault] = []
        if !snapshot.hasOurRules {
            faults.append(
                NetworkFault(
                    subject: .host,
                    name: "firewall table \(HostTable.name)",
                    reason: "its rules are gone or were changed; networks are not kept apart"
                )
            )
        }
        for family in families where !snapshot.forwards.contains(family) {
            faults.append(
                NetworkFault(
                    subject: .host,
                    name: family == .v4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding",
                    reason: "it is 0; containers cannot reach the outside"
                )
            )
        }
        faults += snapshot.closedChains.map { chain in
            NetworkFault(
                subject: .admission,
                name: "\(chain)",
                reason: "it drops what containers send and are sent"
            )
        }
        return faults
    }

    private static func port(
        _ port: PublishedPort,
        _ snapshot: NetworkSnapshot,
        _ networks: [NetworkConfiguration],
        _ state: String
    ) -> NetworkFault? {
        let title = "port \(port)"
        guard snapshot.has(HostTable.element(of: port, in: state)) else {
            return NetworkFault(
                subject: .port(port),
                name: title,
                reason: "it does not lead to container \(port.containerID.prefix(12)) any more"
            )
        }
        guard port.isReachedByLoopback,
            let network = networks.first(where: { $0.contains(port.containerAddress) })
        else { return nil }
        return snapshot.links[network.bridgeName]?.routesLoopback == true
            ? nil
            : NetworkFault(
                subject: .port(port),
                name: title,
                reason: "route_localnet of \(network.bridgeName) is not 1; "
                    + "127.0.0.1 does not lead to it"
            )
    }
}
