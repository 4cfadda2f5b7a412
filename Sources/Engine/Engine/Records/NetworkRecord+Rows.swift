import Addresses
import ContainerNetwork
import ContainerRuntime
import GRDB

extension NetworkRecord {
    init(row: Row) throws {
        let details: NetworkDetails = try row.json("details")
        self.init(
            id: try row.value("id") { NetworkID($0) },
            name: row["name"],
            ipv4: try Self.ipv4(row, details),
            ipv6: details.ipv6,
            createdAt: Timestamp(nanoseconds: row["createdAt"])
        )
        project = row["project"]
        key = row["key"]
        driver = try row.value("driver") { NetworkDriverName(rawValue: $0) }
        isInternal = row["isInternal"]
        labels = try row.json("labels")
        // Addresses are in the blocks by now.
        self.details.driverOptions = details.driverOptions
        self.details.isAttachable = details.isAttachable
    }

    /// The columns of addresses have IPv6 ones only where there are no others.
    private static func ipv4(
        _ row: Row,
        _ details: NetworkDetails
    ) throws -> AddressBlock<IPv4Address>? {
        let first = try row.value("subnet") { IPSubnet($0) }
        guard let subnet = first.ipv4 else { return nil }
        let gateway = try row.value("gateway") { IPv4Address($0) }
        var block = AddressBlock(subnet, gateway: gateway)
        block.range = (row["ipRange"] as String?).flatMap { IPv4Subnet($0) }
        block.reserved = details.auxAddresses
        return block
    }

    func insert(_ db: Database) throws {
        var details = details
        details.auxAddresses = ipv4?.reserved
        details.ipv6 = ipv6
        let subnet = ipv4?.subnet.description ?? ipv6?.subnet.description
        let gateway = ipv4?.gateway.description ?? ipv6?.gateway.description
        try db.run(
            """
            INSERT INTO networks (id, name, project, key, driver, isInternal, subnet, gateway,
                ipRange, labels, details, createdAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id.text, name, project, key, driver.rawValue, isInternal, subnet, gateway,
                ipv4?.range?.description, ColumnJSON.text(labels),
                try ColumnJSON.text(details), createdAt.nanoseconds,
            ]
        )
    }

    static func named(_ name: String, _ db: Database) throws -> NetworkRecord? {
        try db.row("SELECT * FROM networks WHERE name = ?", [name]).map(Self.init(row:))
    }

    static func find(_ id: NetworkID, _ db: Database) throws -> NetworkRecord? {
        try db.row("SELECT * FROM networks WHERE id = ?", [id.text]).map(Self.init(row:))
    }
}

extension EndpointRecord {
    /// The columns `init(row:)` reads; the caller adds the condition.
    static let query = """
        SELECT endpoints.*, networks.name AS networkName
        FROM endpoints JOIN networks ON networks.id = endpoints.network
        """

    init(row: Row) throws {
        container = try row.value("container") { ContainerID($0) }
        network = try row.value("network") { NetworkID($0) }
        networkName = row["networkName"]
        position = row["position"]
        addresses = try Self.addresses(row)
        aliases = try row.json("aliases")
        details = try row.json("details")
    }

    /// Those of a row of `endpoints`, which has the first in a column of its own.
    static func addresses(_ row: Row) throws -> [IPAddress] {
        [try row.value("address") { IPAddress($0) }] + (try row.json("furtherAddresses"))
    }

    func insert(_ db: Database) throws {
        precondition(!addresses.isEmpty, "who is on a network has an address there")
        try db.run(
            """
            INSERT INTO endpoints (container, network, position, address, furtherAddresses, aliases,
                details)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                container.text, network.text, position, addresses[0].description,
                try ColumnJSON.text(Array(addresses.dropFirst())), try ColumnJSON.text(aliases),
                try ColumnJSON.text(details),
            ]
        )
    }

    static func of(_ container: ContainerID, _ db: Database) throws -> [EndpointRecord] {
        try db.rows("\(query) WHERE container = ? ORDER BY position", [container.text])
            .map(Self.init(row:))
    }
}
