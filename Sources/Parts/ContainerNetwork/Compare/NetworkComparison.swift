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
        return host(snapshot)
            + expected.networks.flatMap { network($0, snapshot, state) }
            + expected.connections.compactMap { connection($0, snapshot) }
            + expected.ports.compactMap { port($0, snapshot, expected.networks, state) }
    }

    private static func host(_ snapshot: NetworkSnapshot) -> [NetworkFault] {
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
        if !snapshot.forwards {
            faults.append(
                NetworkFault(
                    subject: .host,
                    name: "net.ipv4.ip_forward",
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

    private static func network(
        _ network: NetworkConfiguration,
        _ snapshot: NetworkSnapshot,
        _ state: String
    ) -> [NetworkFault] {
        func fault(_ name: String, _ reason: String) -> NetworkFault {
            NetworkFault(subject: .network(network), name: name, reason: reason)
        }
        var faults: [NetworkFault] = []
        let missing = HostTable.elements(of: network, in: state).count { !snapshot.has($0) }
        if missing > 0 {
            faults.append(
                fault(
                    "firewall table \(HostTable.name)",
                    "\(missing) elements of network \(network.name) are gone"
                )
            )
        }
        let name = network.bridgeName
        let title = "bridge \(name)"
        guard let bridge = snapshot.links[name] else {
            return faults + [fault(title, "network \(network.name) has lost it")]
        }
        // One that is somebody else's is refused, in words, by the repair.
        if bridge.kind != "bridge" || bridge.owner?.networkID != network.id {
            return faults + [fault(title, "it is not network \(network.name)'s")]
        }
        if !bridge.isUp { faults.append(fault(title, "it is down")) }
        if snapshot.addresses[bridge.index]?.contains(network.gateway) != true {
            faults.append(fault(title, "it has lost its address \(network.gateway)"))
        }
        for (number, wanted, words) in settings
        where bridge.setting(number).map({ $0 != wanted }) ?? false {
            faults.append(fault(title, "\(words) is not \(wanted)"))
        }
        let bound = RouteRequest.maximumLearned
        if let learned = bridge.maximumLearned, learned != bound {
            faults.append(fault(title, "fdb_max_learned is not \(bound)"))
        }
        if bridge.routesLoopback, snapshot.hasOurRules,
            !snapshot.elements.values.contains(where: { LoopbackReach.isNeeded($0, network) })
        {
            faults.append(fault(title, "route_localnet is 1, and no published port needs it"))
        }
        return faults
    }

    private static let settings: [(UInt16, UInt32, String)] = [
        (BERTH_IPV4_DEVCONF_RP_FILTER, 1, "rp_filter"),
        (BERTH_IPV4_DEVCONF_ACCEPT_REDIRECTS, 0, "accept_redirects"),
        (BERTH_IPV4_DEVCONF_SEND_REDIRECTS, 0, "send_redirects"),
    ]

    private static func connection(
        _ connection: ExpectedConnection,
        _ snapshot: NetworkSnapshot
    ) -> NetworkFault? {
        let title = "link \(connection.linkName)"
        let whose =
            "container \(connection.endpoint.containerID.prefix(12)) on network "
            + connection.network.name
        guard let link = snapshot.links[connection.linkName] else {
            return NetworkFault(
                subject: .missingLink(connection),
                name: title,
                reason: "\(whose) has lost it"
            )
        }
        let bridge = snapshot.links[connection.network.bridgeName]
        guard link.isUp, let master = link.master, master == bridge?.index else {
            return NetworkFault(
                subject: .looseLink(connection),
                name: title,
                reason: "\(whose) is cut off: it is \(link.isUp ? "no port of its bridge" : "down")"
            )
        }
        let note = NetworkSnapshot.ElementKey(set: HostTable.host, key: HostTable.hasNoLinkFilters)
        guard !snapshot.filteredLinks.contains(link.index), snapshot.elements[note] == nil
        else { return nil }
        return NetworkFault(
            subject: .looseLink(connection),
            name: title,
            reason: "its packet filter is gone or was changed; "
                + "\(whose) can send with addresses of others"
        )
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
            let network = networks.first(where: { $0.subnet.contains(port.containerAddress) })
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
