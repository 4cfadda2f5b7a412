import Addresses
import CLinux

/// The kernel's network state as far as it concerns us, read in the calling thread's namespace.
struct NetworkSnapshot {
    var links: [String: Link] = [:]
    /// By the index of their link.
    var addresses: [Int32: Set<IPAddress>] = [:]
    var hasOurRules = true
    /// Of our firewall table, by set and key.
    var elements: [ElementKey: SetElement] = [:]
    /// Families that the host forwards.
    var forwards = Set(IPFamily.allCases)
    /// Links by which answers to `::1` come in.
    var loopbackRoutes: Set<Int32> = []
    var closedChains: [NFTables.ListedChain] = []
    /// The containers' links that have their packet filter.
    var filteredLinks: Set<Int32> = []

    struct ElementKey: Hashable {
        var set: String
        var key: [UInt8]
    }

    /// For tests, which fill it in.
    init() {}

    /// Looks at every link and at our elements and, where networks are expected, at all that these need.
    static func take(
        for expected: NetworkExpectation
    ) throws(NetworkError) -> NetworkSnapshot {
        var snapshot = NetworkSnapshot()
        var route = try NetlinkSocket(.route)
        for link in try route.dump(RouteRequest.listLinks()).compactMap(Link.init) {
            snapshot.links[link.name] = link
        }
        var firewall = try Firewall()
        for element in try firewall.elements(of: HostTable.table) {
            snapshot.elements[ElementKey(set: element.set, key: element.key)] = element
        }
        guard !expected.networks.isEmpty else { return snapshot }
        for family in expected.families {
            for message in try route.dump(RouteRequest.listAddresses(family)) {
                guard let address = IPAddress(address: message),
                    let link = HostRoute(address: message)?.link
                else { continue }
                snapshot.addresses[link, default: []].insert(address)
            }
            if try !Forwarding.isOn(family) { snapshot.forwards.remove(family) }
        }
        if expected.families.contains(.v6) {
            let routes = try route.dump(RouteRequest.listRoutes(.v6))
            snapshot.loopbackRoutes = Set(routes.compactMap(HostRoute.linkOfLoopback))
        }
        let links = snapshot.links
        snapshot.filteredLinks = try LinkFilter.standing(
            &route,
            on: expected.connections.compactMap { connection in
                guard let link = links[connection.linkName] else { return nil }
                let home = LinkProgram.Home(
                    connection.network,
                    bridge: links[connection.network.bridgeName]?.index
                )
                return (link.index, LinkProgram(for: connection.endpoint, home: home))
            }
        )
        snapshot.hasOurRules = try firewall.isInstalled(HostTable.table)
        snapshot.closedChains = try Admission.missing(&firewall)
        return snapshot
    }

    func has(_ element: SetElement) -> Bool {
        guard let there = elements[ElementKey(set: element.set, key: element.key)] else {
            return false
        }
        return there.value == element.value && there.isOfSameOwner(as: element)
    }
}
