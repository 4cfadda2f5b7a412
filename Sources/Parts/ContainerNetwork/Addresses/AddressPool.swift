package import Addresses

/// Which subnet a new network gets, and which address a new endpoint.
///
/// All of it is arithmetic over what the caller knows to be taken; the caller asks and records the
/// answer in one transaction.
package enum AddressPool {
    /// Docker's default pools: 172.17 to 172.31 whole, then 192.168.0.0/16 in pieces of 4,096.
    package static let defaults: [IPv4Subnet] =
        (17...31).map { subnet("172.\($0).0.0/16") }
        + stride(from: 0, to: 256, by: 16).map { subnet("192.168.\($0).0/20") }

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

    /// Checks a subnet that the user wrote.
    package static func checkSubnet(
        _ subnet: IPv4Subnet,
        taken: [(name: String, subnet: IPv4Subnet)],
        hostRoutes: [IPv4Subnet]
    ) throws(AddressError) {
        guard subnet.prefixLength <= 30 else { throw .subnetTooSmall(subnet) }
        if let other = taken.first(where: { $0.subnet.overlaps(subnet) }) {
            throw .overlapsNetwork(subnet, name: other.name, other: other.subnet)
        }
        if let route = reserving(hostRoutes).first(where: { $0.overlaps(subnet) }) {
            throw .overlapsHost(subnet, route: route)
        }
    }

    /// The gateway of a subnet: the one asked for, or the first address (of the part that `range`
    /// allows), as Docker has it.
    package static func gateway(
        of subnet: IPv4Subnet,
        range: IPv4Subnet? = nil,
        requested: IPv4Address? = nil
    ) throws(AddressError) -> IPv4Address {
        guard let requested else {
            guard let first = try hosts(of: subnet, in: range).first else {
                throw .subnetTooSmall(range ?? subnet)
            }
            return IPv4Address(first)
        }
        guard subnet.hosts.contains(requested.number) else {
            throw .outsideSubnet(requested, subnet)
        }
        return requested
    }

    /// The lowest address of the subnet (or of the part of it that `range` allows) that nobody has.
    /// `avoiding` holds addresses that are free but were held a moment ago: they are given only when
    /// nothing else is left, because neighbours may remember the former holder.
    package static func freeAddress(
        in subnet: IPv4Subnet,
        range: IPv4Subnet? = nil,
        gateway: IPv4Address,
        used: Set<IPv4Address>,
        avoiding: Set<IPv4Address> = []
    ) throws(AddressError) -> IPv4Address {
        var second: IPv4Address?
        for number in try hosts(of: subnet, in: range) {
            let address = IPv4Address(number)
            if address == gateway || used.contains(address) { continue }
            if !avoiding.contains(address) { return address }
            if second == nil { second = address }
        }
        guard let second else { throw .subnetFull(range ?? subnet) }
        return second
    }

    private static func hosts(
        of subnet: IPv4Subnet,
        in range: IPv4Subnet?
    ) throws(AddressError) -> Range<UInt32> {
        if let range, !subnet.contains(range) { throw .rangeOutsideSubnet(range, subnet) }
        return subnet.hosts(in: range)
    }

    /// Checks an address that the user wrote for an endpoint.
    package static func checkAddress(
        _ address: IPv4Address,
        in subnet: IPv4Subnet,
        gateway: IPv4Address,
        used: Set<IPv4Address>
    ) throws(AddressError) {
        guard subnet.hosts.contains(address.number) else { throw .outsideSubnet(address, subnet) }
        if address == gateway { throw .isGateway(address) }
        if used.contains(address) { throw .addressTaken(address) }
    }

    /// Routes that reserve addresses. A default route, or the two halves of one that VPN clients
    /// set, covers everything and reserves nothing.
    private static func reserving(_ routes: [IPv4Subnet]) -> [IPv4Subnet] {
        routes.filter { $0.prefixLength > 1 }
    }
}

/// Why an address or a subnet cannot be given.
package enum AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    case poolsExhausted
    case subnetTooSmall(IPv4Subnet)
    case overlapsNetwork(IPv4Subnet, name: String, other: IPv4Subnet)
    case overlapsHost(IPv4Subnet, route: IPv4Subnet)
    case outsideSubnet(IPv4Address, IPv4Subnet)
    case rangeOutsideSubnet(IPv4Subnet, IPv4Subnet)
    case subnetFull(IPv4Subnet)
    case isGateway(IPv4Address)
    case addressTaken(IPv4Address)

    package var description: String {
        switch self {
        case .poolsExhausted:
            "all predefined address pools are used up; remove unused networks or give this one a "
                + "subnet (ipam.config.subnet)"
        case .subnetTooSmall(let subnet):
            "subnet \(subnet) has no room for a gateway and a container; use /30 or larger"
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
