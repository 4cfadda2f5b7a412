package import Addresses

/// The names that one container may ask for: those of the containers it shares a network with.
package struct Zone: Hashable, Sendable {
    /// The names on one network, in the order of the container's interfaces.
    private struct Network: Hashable {
        var name: String
        var domain: DomainName?
        var addresses: [DomainName: [IPAddress]] = [:]
    }

    /// Whether no question leaves the machine: other names are unknown.
    package var isSealed = false
    private var networks: [Network] = []
    private var names: [DomainName: [DomainName]] = [:]

    package init() {}

    /// Gives a name an address more, on a network whose name may follow it: `web.shop_default`.
    /// Several containers may have one name. A text that cannot be a name is left out, since nobody
    /// can ask for it, and one that everybody takes for something else as well.
    package mutating func add(_ name: String, _ address: IPAddress, network: String = "") {
        guard let name = DomainName(name), !name.isReserved else { return }
        if networks.last?.name != network, !networks.contains(where: { $0.name == network }) {
            let domain = network.isEmpty ? nil : DomainName(network)
            networks.append(Network(name: network, domain: domain))
        }
        guard let index = networks.lastIndex(where: { $0.name == network }) else { return }
        if networks[index].addresses[name]?.contains(address) != true {
            networks[index].addresses[name, default: []].append(address)
        }
    }

    /// Says what an address is called when asked for it (PTR).
    package mutating func add(reverse address: IPAddress, _ name: String) {
        guard let name = DomainName(name) else { return }
        let reverse = address.reverseName
        if names[reverse]?.contains(name) != true { names[reverse, default: []].append(name) }
    }

    /// The addresses of a name, of both families, in the order they were added; nil when the name is not ours. A name
    /// that has none by itself may be one with a network behind it.
    package func addresses(of name: DomainName) -> [IPAddress]? {
        var found: [IPAddress] = []
        for network in networks {
            found += (network.addresses[name] ?? []).filter { !found.contains($0) }
        }
        if !found.isEmpty { return found }
        for network in networks {
            guard let domain = network.domain, let short = name.without(suffix: domain),
                let addresses = network.addresses[short]
            else { continue }
            return addresses
        }
        return nil
    }

    /// The names behind a name in `in-addr.arpa` or `ip6.arpa`; nil when it is not ours.
    package func names(of reverse: DomainName) -> [DomainName]? { names[reverse] }
}

extension DomainName {
    /// Names that mean one thing everywhere, which no container can be called: RFC 6761, 6.3, and
    /// the machine itself, as Docker's users call it.
    fileprivate var isReserved: Bool {
        Self.machine.contains(self)
            || labels.last.map { DomainName(labels: [$0]) == Self.loopback } == true
    }

    private static let loopback = DomainName("localhost")
    private static let machine = ["host.docker.internal", "gateway.docker.internal"]
        .compactMap { DomainName($0) }

    /// What stands before the suffix; nil without it, or when nothing does.
    fileprivate func without(suffix: DomainName) -> DomainName? {
        let count = labels.count - suffix.labels.count
        guard count > 0, !suffix.labels.isEmpty,
            DomainName(labels: Array(labels[count...])) == suffix
        else { return nil }
        return DomainName(labels: Array(labels[..<count]))
    }
}
