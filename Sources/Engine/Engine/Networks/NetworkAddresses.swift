import Addresses
import ContainerNetwork
import GRDB

/// The addresses of one network inside a transaction: read once, then counted here, so that many
/// containers on one network cost one query.
struct NetworkAddresses {
    let network: NetworkRecord
    private var used: Set<IPv4Address>
    /// Those that no container gets.
    private let reserved: Set<IPv4Address>
    private let recent: Set<IPv4Address>

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
        reserved = Set((network.details.auxAddresses ?? [:]).values)
        used = Self.addresses(
            try db.texts("SELECT address FROM endpoints WHERE network = ?", [network.id.text])
        )
        let limit = Timestamp.now().nanoseconds - Self.rest
        try db.run("DELETE FROM releasedAddresses WHERE releasedAt < ?", [limit])
        recent = Self.addresses(
            try db.texts(
                "SELECT address FROM releasedAddresses WHERE network = ?",
                [network.id.text]
            )
        )
    }

    /// The address asked for, or the preferred one if nobody has it, or the next free one.
    mutating func take(
        _ requested: String?,
        preferring preferred: IPv4Address?,
        for attempt: String
    ) throws -> IPv4Address {
        guard used.count < Self.maximumContainers else {
            throw EngineError(
                .conflict,
                "\(attempt) on network `\(network.name)`",
                because: "a network connects no more than \(Self.maximumContainers) containers",
                remedy: "put some of the services on another network"
            )
        }
        do {
            let address = try choose(requested, preferring: preferred, for: attempt)
            used.insert(address)
            return address
        } catch let error as AddressError {
            throw EngineError(
                .conflict,
                "\(attempt) on network `\(network.name)`",
                because: "\(error)"
            )
        }
    }

    private func choose(
        _ requested: String?,
        preferring preferred: IPv4Address?,
        for attempt: String
    ) throws -> IPv4Address {
        if let requested {
            guard let address = IPv4Address(requested) else {
                throw EngineError(.invalid, attempt, because: "`\(requested)` is no IPv4 address")
            }
            try AddressPool.checkAddress(
                address,
                in: network.subnet,
                gateway: network.gateway,
                used: used.union(reserved)
            )
            return address
        }
        if let preferred, !used.contains(preferred), !reserved.contains(preferred) {
            return preferred
        }
        return try AddressPool.freeAddress(
            in: network.subnet,
            range: network.ipRange,
            gateway: network.gateway,
            used: reserved.isEmpty ? used : used.union(reserved),
            avoiding: recent
        )
    }

    private static func addresses(_ texts: [String]) -> Set<IPv4Address> {
        Set(texts.compactMap { IPv4Address($0) })
    }
}
