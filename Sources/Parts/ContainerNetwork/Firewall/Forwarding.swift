import Linux
import SystemPackage

/// The host's IPv4 forwarding, one switch for all of its links.
///
/// Containers need it on. A host that was no router would become one for everybody, so the
/// firewall then drops what is neither from nor to a bridge of ours, until the table goes or somebody
/// else filters forwarding and has taken charge.
enum Forwarding {
    private static let switchName = "ipv4/ip_forward"

    /// Turns it on, noting in the firewall that it was off.
    static func turnOn(_ firewall: inout Firewall) throws(NetworkError) {
        let note = SetElement(set: HostTable.host, key: HostTable.wasNoRouter, owner: Owner())
        let othersDecide = try decidedByOthers(&firewall)
        if try Sysctl.read(switchName) != "1" {
            if !othersDecide {
                try firewall.put(
                    [note],
                    in: HostTable.table,
                    action: "keep the host from routing for others"
                )
            }
            try Sysctl.write("1", to: switchName)
        } else if othersDecide {
            try firewall.remove(
                [note],
                from: HostTable.name,
                action: "leave forwarding to other firewall tables"
            )
        }
    }

    /// Removes the table with the last network, and turns forwarding off if we turned it on and
    /// nobody else relies on it.
    static func leave(_ firewall: inout Firewall) throws(NetworkError) {
        let settings = try firewall.removeIfUnused(HostTable.table, settings: HostTable.host)
        guard let settings, settings.contains(where: { $0.key == HostTable.wasNoRouter }),
            try !decidedByOthers(&firewall)
        else { return }
        try Sysctl.write("0", to: switchName)
    }

    /// Rules of iptables' older implementation are not nf_tables' and are listed only by name.
    private static func decidedByOthers(_ firewall: inout Firewall) throws(NetworkError) -> Bool {
        // Then it is their business, not ours.
        if try !firewall.othersFilteringForwarding().isEmpty { return true }
        // `try?`: the file exists only while that implementation is loaded.
        let names = (try? readFile("/proc/thread-self/net/ip_tables_names", limit: 4096)) ?? []
        return names.split(separator: UInt8(ascii: "\n")).contains(Array("filter".utf8)[...])
    }
}
