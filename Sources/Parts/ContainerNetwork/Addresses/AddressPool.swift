package import Addresses
import OCI

/// Which subnet a new network gets, and which address a new endpoint.
///
/// All of it is arithmetic over what the caller knows to be taken; the caller asks and records the
/// answer in one transaction.
package enum AddressPool {
    /// Docker's default pools: 172.17 to 172.31 whole, then 192.168.0.0/16 in pieces of 4,096.
    package static let defaults: [IPv4Subnet] =
        (17...31).map { subnet("172.\($0).0.0/16") }
        + stride(from: 0, to: 256, by: 16).map { subnet("192.168.\($0).0/20") }

    /// A pool as docker writes it: every network of one size in it.
    package struct Pieces<Address: AddressNumber>: Equatable, Sendable {
        let base: Subnet<Address>
        /// Bits of a network's prefix, not fewer than those of the base.
        let size: UInt8

        /// All networks of `size` in `base`.
        package init(_ base: Subnet<Address>, of size: UInt8) {
            (self.base, self.size) = (base, size)
        }

        /// The first that overlaps none of `avoided`.
        func first(avoiding avoided: [Subnet<Address>]) -> Subnet<Address>? {
            let avoided = avoided.filter { $0.overlaps(base) }
            var start = base.base.number
            while start <= base.last.number {
                let piece = Subnet<Address>(around: Address(start), prefixLength: size)
                guard let other = avoided.first(where: { $0.overlaps(piece) }) else { return piece }
                // What is as large or larger is passed at once.
                let last = max(other.last.number, piece.last.number)
                guard last < .max else { return nil }
                start = last + 1
            }
            return nil
        }
    }

    /// The first network of some pools that overlaps neither a network of ours nor a route or an address of
    /// the host.
    package static func freeSubnet<Address: AddressNumber>(
        in pools: [Pieces<Address>],
        taken: [Subnet<Address>],
        hostRoutes: [Subnet<Address>]
    ) throws(AddressError) -> Subnet<Address> {
        let avoided = taken + reserving(hostRoutes)
        for pool in pools {
            if let free = pool.first(avoiding: avoided) { return free }
        }
        throw .poolsExhausted
    }

    /// The pool of IPv6 networks of one state folder of one machine: 65,536 of 64 bits in a /48 of unique
    /// local addresses, whose forty bits after `fd` follow from the two (RFC 4193, 3.2).
    package static func uniqueLocal(machine: String, stateFolder: String) -> IPv6Subnet {
        var hash = SHA256()
        Array("\(machine)\n\(stateFolder)".utf8).withUnsafeBytes { hash.update($0) }
        let global = hash.finishBytes().prefix(5).reduce(0 as UInt128) { $0 << 8 | UInt128($1) }
        let base = IPv6Address(0xfd << 120 | global << 80)
        return IPv6Subnet(around: base, prefixLength: 48)
    }

    /// The first network of 64 bits in a pool that overlaps neither a network of ours nor a route or an
    /// address of the host.
    package static func freeSubnet(
        of pool: IPv6Subnet,
        taken: [IPv6Subnet],
        hostRoutes: [IPv6Subnet]
    ) throws(AddressError) -> IPv6Subnet {
        let pieces = Pieces(pool, of: 64)
        guard let free = pieces.first(avoiding: taken + reserving(hostRoutes)) else {
            throw .poolExhausted(.v6(pool))
        }
        return free
    }

    private static func subnet(_ text: String) -> IPv4Subnet {
        guard let subnet = IPv4Subnet(text) else { preconditionFailure("not a subnet: \(text)") }
        return subnet
    }

    /// The first subnet of the pools that overlaps neither a network of ours nor a route or an
    /// address of the host.
    package static func freeSubnet(
        pools: [IPv4Subnet] = defaults,
        taken: [IPv4Subnet],
        hostRoutes: [IPv4Subnet]
    ) throws(AddressError) -> IPv4Subnet {
        let avoided = taken + reserving(hostRoutes)
        guard let free = pools.first(where: { pool in !avoided.contains { $0.overlaps(pool) } })
        else { throw .poolsExhausted }
        return free
    }

    /// Whose addresses no host has, and what they are.
    private static let special: [(subnet: String, words: String)] = [
        ("0.0.0.0/8", "stands for this host"), ("127.0.0.0/8", "is every host's loopback"),
        ("224.0.0.0/4", "is for multicast"), ("255.255.255.255/32", "means everybody"),
        ("::/96", "stands for this host and its loopback"),
        ("::ffff:0:0/96", "stands for addresses of IPv4"), ("ff00::/8", "is for multicast"),
        ("fe80::/10", "is on every link already"),
    ]

    /// Checks a subnet that the user wrote.
    package static func checkSubnet<Address: AddressNumber>(
        _ subnet: Subnet<Address>,
        taken: [(name: String, subnet: Subnet<Address>)],
        hostRoutes: [Subnet<Address>]
    ) throws(AddressError) {
        for (text, words) in special {
            guard let part = IPSubnet(text) else { continue }
            let isIn =
                switch (part, subnet.either) {
                case (.v4(let part), .v4(let own)): part.overlaps(own)
                case (.v6(let part), .v6(let own)): part.overlaps(own)
                default: false
                }
            if isIn { throw .special(subnet.either, part, words) }
        }
        guard subnet.hasRoom else { throw .subnetTooSmall(subnet.either) }
        if let other = taken.first(where: { $0.subnet.overlaps(subnet) }) {
            throw .overlapsNetwork(subnet.either, name: other.name, other: other.subnet.either)
        }
        if let route = reserving(hostRoutes).first(where: { $0.overlaps(subnet) }) {
            throw .overlapsHost(subnet.either, route: route.either)
        }
    }

    /// The gateway of a subnet: the one asked for, or the first address (of the part that `range`
    /// allows), as Docker has it.
    package static func gateway<Address: AddressNumber>(
        of subnet: Subnet<Address>,
        range: Subnet<Address>? = nil,
        requested: Address? = nil
    ) throws(AddressError) -> Address {
        guard let requested else {
            guard let first = try hosts(of: subnet, in: range).first else {
                throw .subnetTooSmall((range ?? subnet).either)
            }
            return Address(first)
        }
        guard subnet.hosts.contains(requested.number) else {
            throw .outsideSubnet(requested.either, subnet.either)
        }
        return requested
    }

    /// The lowest address of the subnet (or of the part of it that `range` allows) that nobody has.
    /// `avoiding` holds addresses that are free but were held a moment ago: they are given only when
    /// nothing else is left, because neighbours may remember the former holder.
    package static func freeAddress<Address: AddressNumber>(
        in subnet: Subnet<Address>,
        range: Subnet<Address>? = nil,
        gateway: Address,
        used: Set<Address>,
        avoiding: Set<Address> = []
    ) throws(AddressError) -> Address {
        var second: Address?
        for number in try hosts(of: subnet, in: range) {
            let address = Address(number)
            if address == gateway || used.contains(address) { continue }
            if !avoiding.contains(address) { return address }
            if second == nil { second = address }
        }
        guard let second else { throw .subnetFull((range ?? subnet).either) }
        return second
    }

    private static func hosts<Address: AddressNumber>(
        of subnet: Subnet<Address>,
        in range: Subnet<Address>?
    ) throws(AddressError) -> Range<Address.Number> {
        if let range, !subnet.contains(range) {
            throw .rangeOutsideSubnet(range.either, subnet.either)
        }
        return subnet.hosts(in: range)
    }

    /// Checks an address that the user wrote for an endpoint.
    package static func checkAddress<Address: AddressNumber>(
        _ address: Address,
        in subnet: Subnet<Address>,
        gateway: Address,
        used: Set<Address>
    ) throws(AddressError) {
        guard subnet.hosts.contains(address.number) else {
            throw .outsideSubnet(address.either, subnet.either)
        }
        if address == gateway { throw .isGateway(address.either) }
        if used.contains(address) { throw .addressTaken(address.either) }
    }

    /// Routes that reserve addresses. A default route, or the two halves of one that VPN clients
    /// set, covers everything and reserves nothing.
    private static func reserving<Address: AddressNumber>(_ routes: [Subnet<Address>]) -> [Subnet<
        Address
    >] {
        routes.filter { $0.prefixLength > 1 }
    }
}

/// Why an address or a subnet cannot be given.
package enum AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    case poolsExhausted
    case poolExhausted(IPSubnet)
    /// A part of it that no host has an address of, and what that is.
    case special(IPSubnet, IPSubnet, String)
    /// Nothing is left for a container.
    case noRoom(IPSubnet)
    case subnetTooSmall(IPSubnet)
    case overlapsNetwork(IPSubnet, name: String, other: IPSubnet)
    case overlapsHost(IPSubnet, route: IPSubnet)
    case outsideSubnet(IPAddress, IPSubnet)
    case rangeOutsideSubnet(IPSubnet, IPSubnet)
    case subnetFull(IPSubnet)
    case isGateway(IPAddress)
    case addressTaken(IPAddress)

    package var description: String {
        switch self {
        case .poolsExhausted:
            "all predefined address pools are used up; remove unused networks or give this one a "
                + "subnet (ipam.config.subnet)"
        case .poolExhausted(let pool):
            "all networks of 64 bits in \(pool) are used up; remove unused networks or give this one a "
                + "subnet (ipam.config.subnet)"
        case .special(let subnet, let part, let words):
            "no container can have an address of \(subnet): \(part) \(words); choose another one"
        case .noRoom(let range):
            "\(range) has no address left for a container, besides the gateway and auxiliary "
                + "addresses; use a larger one"
        case .subnetTooSmall(let subnet):
            "subnet \(subnet) has no room for a gateway and a container; use "
                + "\(subnet.family == .v4 ? "/30" : "/126") or larger"
        case .overlapsNetwork(let subnet, let name, let other):
            "subnet \(subnet) overlaps \(other) of network \(name); choose another one"
        case .overlapsHost(let subnet, let route):
            "subnet \(subnet) overlaps the host's route to \(route); choose another one"
        case .outsideSubnet(let address, let subnet):
            "address \(address) is not a host address of subnet \(subnet)"
        case .rangeOutsideSubnet(let range, let subnet):
            "address range \(range) is not inside subnet \(subnet)"
        case .subnetFull(let subnet):
            "no free address is left in \(subnet); remove containers or use a larger subnet"
        case .isGateway(let address):
            "address \(address) is the network's gateway"
        case .addressTaken(let address):
            "address \(address) is taken by another container"
        }
    }
}
