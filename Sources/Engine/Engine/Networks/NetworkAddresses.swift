import Addresses
import ContainerNetwork
import ContainerRuntime
import GRDB

/// The addresses of one network inside a transaction: read once, then counted here, so that many
/// containers on one network cost one query.
struct NetworkAddresses {
    let network: NetworkRecord
    private var ipv4: FamilyAddresses<IPv4Address>
    private var ipv6: FamilyAddresses<IPv6Address>
    /// Containers on it.
    private var count: Int

    /// How long the address of a removed container is given to nobody else, as long as there are
    /// others: neighbours and clients may still mean the former holder.
    private static let rest: Int64 = 30_000_000_000
    /// A bridge of Linux has 1024 ports, and the first is no port.
    static let maximumContainers = 1023

    init(of name: String, for attempt: String, _ db: Database) throws {
        guard let network = try NetworkRecord.named(name, db) else {
            throw EngineError(
                .notFound,
                attempt,
                because: "there is no network `\(name)`",
                remedy: "create it first; a network that is not `external` is made by `berth up`"
            )
        }
        self.network = network
        let rows = try db.rows(
            "SELECT address, furtherAddresses FROM endpoints WHERE network = ?",
            [network.id.text]
        )
        count = rows.count
        let used = try rows.flatMap(EndpointRecord.addresses)
        let limit = Timestamp.now().nanoseconds - Self.rest
        try db.run("DELETE FROM releasedAddresses WHERE releasedAt < ?", [limit])
        let recent = try db.texts(
            "SELECT address FROM releasedAddresses WHERE network = ?",
            [network.id.text]
        ).compactMap { IPAddress($0) }
        ipv4 = FamilyAddresses(network.ipv4, of: network.name, used: used, recent: recent)
        ipv6 = FamilyAddresses(network.ipv6, of: network.name, used: used, recent: recent)
    }

    /// An address of each family that the network has: the one asked for, or the preferred one if nobody
    /// has it, or the next free one.
    mutating func take(
        _ attachment: NetworkAttachment,
        preferring preferred: [IPAddress],
        for attempt: String
    ) throws -> [IPAddress] {
        guard count < Self.maximumContainers else {
            throw EngineError(
                .conflict,
                "\(attempt) on network `\(network.name)`",
                because: "a network connects no more than \(Self.maximumContainers) containers",
                remedy: "put some of the services on another network"
            )
        }
        do {
            let own = try ipv4.take(attachment.ipv4Address, preferring: preferred, for: attempt)
            let further = try ipv6.take(
                attachment.ipv6Address,
                preferring: preferred,
                for: attempt
            )
            count += 1
            return (own.map { [.v4($0)] } ?? []) + (further.map { [.v6($0)] } ?? [])
        } catch let error as AddressError {
            throw EngineError(
                .conflict,
                "\(attempt) on network `\(network.name)`",
                because: "\(error)"
            )
        }
    }
}

/// Those of one family.
private struct FamilyAddresses<Address: AddressNumber> {
    private let network: String
    private let block: AddressBlock<Address>?
    /// With those that no container gets.
    private var used: Set<Address>
    private let recent: Set<Address>

    init(
        _ block: AddressBlock<Address>?,
        of network: String,
        used: [IPAddress],
        recent: [IPAddress]
    ) {
        self.network = network
        self.block = block
        self.used = Set(used.compactMap { Address(either: $0) })
            .union((block?.reserved ?? [:]).values)
        self.recent = Set(recent.compactMap { Address(either: $0) })
    }

    /// nil where the network has none of the family, and none is asked for.
    mutating func take(
        _ requested: String?,
        preferring preferred: [IPAddress],
        for attempt: String
    ) throws -> Address? {
        guard let block else {
            guard let requested else { return nil }
            throw EngineError(
                .invalid,
                attempt,
                because: "network `\(network)` has no \(Address.family), and `\(requested)` is "
                    + "asked for",
                remedy: "enable it on the network, or leave the address out"
            )
        }
        let address = try choose(requested, in: block, preferred, for: attempt)
        used.insert(address)
        return address
    }

    private func choose(
        _ requested: String?,
        in block: AddressBlock<Address>,
        _ preferred: [IPAddress],
        for attempt: String
    ) throws -> Address {
        if let requested {
            guard let address = Address(requested) else {
                throw EngineError(
                    .invalid,
                    attempt,
                    because: "`\(requested)` is no \(Address.family) address"
                )
            }
            try AddressPool.checkAddress(
                address,
                in: block.subnet,
                gateway: block.gateway,
                used: used
            )
            return address
        }
        let former = preferred.lazy.compactMap { Address(either: $0) }.first
        if let former, block.subnet.contains(former), !used.contains(former) { return former }
        return try AddressPool.freeAddress(
            in: block.subnet,
            range: block.range,
            gateway: block.gateway,
            used: used,
            avoiding: recent
        )
    }
}
