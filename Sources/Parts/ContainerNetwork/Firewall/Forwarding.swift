import Linux
import SystemPackage

/// The host's IPv4 forwarding, one switch for all of its links.
///
/// Containers need it on. A host that was no router would become one for everybody, so the
/// firewall then drops what is neither from nor to a bridge of ours, until the table goes or somebody
/// else filters forwarding and has taken charge.
enum Forwarding {
    private static let switchName = "ipv4/ip_forward"
    private static let note = SetElement(
        set: HostTable.host,
        key: HostTable.wasNoRouter,
        owner: Owner()
    )

    /// Turns it on. `wasNoRouter` is what the caller remembers of the host before our first network,
    /// which the firewall notes too; nil finds out. Gives what is to be remembered.
    static func turnOn(
        _ firewall: inout Firewall,
        wasNoRouter known: Bool?
    ) throws(NetworkError) -> Bool {
        let isOff = try !isOn()
        let wasNoRouter: Bool
        if let known {
            wasNoRouter = known
        } else {
            let noted = try firewall.look(up: [note], table: HostTable.name)
            wasNoRouter = isOff || noted.contains { $0 != nil }
        }
        // What others filter is their business, not ours.
        if try decidedByOthers(&firewall) {
            try firewall.remove(
                [note],
                from: HostTable.name,
                action: "leave forwarding to other firewall tables"
            )
        } else if wasNoRouter {
            try firewall.put(
                [note],
                in: HostTable.table,
                action: "keep the host from routing for others"
            )
        }
        if isOff { try Sysctl.write("1", to: switchName) }
        return wasNoRouter
    }

    static func isOn() throws(NetworkError) -> Bool { try Sysctl.read(switchName) == "1" }

    /// Removes the table with the last network of anybody's, with what it had others let through,
    /// and turns forwarding off if we turned it on and nobody else relies on it.
    static func leave(_ firewall: inout Firewall, wasNoRouter: Bool) throws(NetworkError) {
        let settings = try firewall.removeIfUnused(HostTable.table, settings: HostTable.host)
        guard let settings else { return }
        try Admission.withdraw(&firewall)
        guard wasNoRouter || settings.contains(where: { $0.key == HostTable.wasNoRouter }),
            try !decidedByOthers(&firewall)
        else { return }
        try Sysctl.write("0", to: switchName)
    }

    /// Rules of iptables' older implementation are not nf_tables' and are listed only by name.
    private static func decidedByOthers(_ firewall: inout Firewall) throws(NetworkError) -> Bool {
        if try !firewall.othersFilteringForwarding().isEmpty { return true }
        return LegacyTables.names.contains("filter")
    }
}
