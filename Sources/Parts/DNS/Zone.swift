/// The names that one container may ask for: those of the containers it shares a network with.
package struct Zone: Hashable, Sendable {
    private var addresses: [DomainName: [HostAddress]] = [:]
    private var names: [DomainName: [DomainName]] = [:]

    package init() {}

    /// Gives a name an address more. Several containers may have one name. A text that cannot be
    /// a name is left out: nobody can ask for it.
    package mutating func add(_ name: String, _ address: HostAddress) {
        guard let name = DomainName(name) else { return }
        if addresses[name]?.contains(address) != true {
            addresses[name, default: []].append(address)
        }
    }

    /// Says what an address is called when asked for it (PTR).
    package mutating func add(reverse address: HostAddress, _ name: String) {
        guard let name = DomainName(name) else { return }
        let reverse = address.reverseName
        if names[reverse]?.contains(name) != true { names[reverse, default: []].append(name) }
    }

    /// The addresses of a name, in the order they were added; nil when the name is not ours.
    package func addresses(of name: DomainName) -> [HostAddress]? { addresses[name] }

    /// The names behind a name in `in-addr.arpa`; nil when it is not ours.
    package func names(of reverse: DomainName) -> [DomainName]? { names[reverse] }
}
