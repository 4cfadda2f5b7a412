import Addresses
import CLinux

/// The kernel's network state as far as it concerns us, read in the calling thread's namespace.
struct NetworkSnapshot {
    var links: [String: Link] = [:]
    /// By the index of their link.
    var addresses: [Int32: Set<IPv4Address>] = [:]
    var hasOurRules = true
    /// Of our firewall table, by set and key.
    var elements: [ElementKey: SetElement] = [:]
    var forwards = true
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
        for message in try route.dump(RouteRequest.listAddresses()) {
            guard let address = IPv4Address(address: message),
                let link = HostRoute(address: message)?.link
            else { continue }
            snapshot.addresses[link, default: []].insert(address)
        }
        snapshot.filteredLinks = try LinkFilter.standing(
            &route,
            on: expected.connections.compactMap { connection in
                snapshot.links[connection.linkName].map { ($0.index, connection.endpoint) }
            }
        )
        snapshot.hasOurRules = try firewall.isInstalled(HostTable.table)
        snapshot.closedChains = try Admission.missing(&firewall)
        snapshot.forwards = try Forwarding.isOn()
        return snapshot
    }

    func has(_ element: SetElement) -> Bool {
        guard let there = elements[ElementKey(set: element.set, key: element.key)] else {
            return false
        }
        return there.value == element.value && there.isOfSameOwner(as: element)
    }
}
