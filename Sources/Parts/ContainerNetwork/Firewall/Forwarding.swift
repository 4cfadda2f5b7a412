import Addresses
import Glibc

/// The host's forwarding, one switch of each family for all of its links. IPv6 is switched on with the
/// first network that has it.
///
/// Containers need it on. A host that was no router would become one for everybody, so the
/// firewall then drops what is neither from nor to a bridge of ours, until the table goes or somebody
/// else filters forwarding and has taken charge.
enum Forwarding {
    /// Turns it on for the families of a network. `before` is what the caller remembers of the host
    /// before our first network, which the firewall notes too; nil finds out. Gives what is to be
    /// remembered.
    static func turnOn(
        _ firewall: inout Firewall,
        for network: NetworkConfiguration,
        before: FormerForwarding
    ) throws(NetworkError) -> FormerForwarding {
        var former = before
        // Published ports of IPv4 and the rules about it are there with every network.
        former.ipv4WasOff = try turnOn(&firewall, .v4, wasOff: before.ipv4WasOff)
        if network.ipv6 != nil {
            former.ipv6WasOff = try turnOn(&firewall, .v6, wasOff: before.ipv6WasOff)
        }
        return former
    }

    private static func turnOn(
        _ firewall: inout Firewall,
        _ family: IPFamily,
        wasOff known: Bool?
    ) throws(NetworkError) -> Bool {
        let note = note(family)
        let isOff = try !isOn(family)
        let wasOff: Bool
        if let known {
            wasOff = known
        } else {
            let noted = try firewall.look(up: [note], table: HostTable.name)
            wasOff = isOff || noted.contains { $0 != nil }
        }
        // What others filter is their business, not ours.
        if try decidedByOthers(&firewall) {
            try firewall.remove(
                [note],
                from: HostTable.name,
                action: "leave forwarding to other firewall tables"
            )
        } else if wasOff {
            try firewall.put(
                [note],
                in: HostTable.table,
                action: "keep the host from routing for others"
            )
        }
        guard isOff else { return wasOff }
        if family == .v6 { try RouterAdvertisements.keepListening() }
        try Sysctl.write("1", to: switchName(family))
        return wasOff
    }

    static func isOn(_ family: IPFamily) throws(NetworkError) -> Bool {
        try Sysctl.read(switchName(family)) == "1"
    }

    private static func switchName(_ family: IPFamily) -> String {
        family == .v4 ? "ipv4/ip_forward" : "ipv6/conf/all/forwarding"
    }

    private static func note(_ family: IPFamily) -> SetElement {
        SetElement(set: HostTable.host, key: HostTable.wasNoRouter(family), owner: Owner())
    }

    /// Removes the table with the last network of anybody's, with what it had others let through,
    /// and turns forwarding off if we turned it on and nobody else relies on it.
    static func leave(
        _ firewall: inout Firewall,
        before: FormerForwarding
    ) throws(NetworkError) {
        let settings = try firewall.removeIfUnused(HostTable.table, settings: HostTable.host)
        guard let settings else { return }
        try Admission.withdraw(&firewall)
        let off = [IPFamily.v4: before.ipv4WasOff, .v6: before.ipv6WasOff].filter { family, was in
            was == true || settings.contains { $0.key == HostTable.wasNoRouter(family) }
        }
        guard !off.isEmpty, try !decidedByOthers(&firewall) else { return }
        for family in off.keys { try Sysctl.write("0", to: switchName(family)) }
    }

    /// Rules of iptables' older implementation are not nf_tables' and are listed only by name.
    private static func decidedByOthers(_ firewall: inout Firewall) throws(NetworkError) -> Bool {
        if try !firewall.othersFilteringForwarding().isEmpty { return true }
        return LegacyTables.names.contains("filter")
    }
}

/// What routers say of themselves. A host that forwards does not listen to them, and would lose its way
/// out with them.
private enum RouterAdvertisements {
    /// Lets those links go on listening that listen now: `accept_ra` 2 is 1 for a host that forwards.
    static func keepListening() throws(NetworkError) {
        let folder = "/proc/sys/net/ipv6/conf"
        guard let entries = opendir(folder) else { return }
        defer { closedir(entries) }
        while let entry = readdir(entries) {
            let link = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !link.hasPrefix("."), !["all", "default", "lo"].contains(link) else { continue }
            let name = "ipv6/conf/\(link)/accept_ra"
            if try Sysctl.read(name) == "1" { try Sysctl.write("2", to: name) }
        }
    }
}
