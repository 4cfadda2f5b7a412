import CLinux

/// A bridge and the links on it, compared with what they should be.
extension BridgeDriver {
    func faults(
        of network: NetworkConfiguration,
        in snapshot: NetworkSnapshot,
        of state: String
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
        for gateway in network.hostAddresses
        where snapshot.addresses[bridge.index]?.contains(gateway) != true {
            faults.append(fault(title, "it has lost its address \(gateway)"))
        }
        if network.ipv6 != nil, !network.isInternal,
            !snapshot.loopbackRoutes.contains(bridge.index)
        {
            faults.append(
                fault(title, "it has lost its route for ::1; ports are not reached by it")
            )
        }
        for (number, wanted, words) in Self.settings
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

    func fault(
        of connection: ExpectedConnection,
        in snapshot: NetworkSnapshot
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
}
