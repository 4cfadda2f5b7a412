import Addresses
import ContainerNetwork
import ContainerRuntime
import GRDB

extension NetworkRecord {
    init(row: Row) throws {
        self.init(
            id: try row.value("id") { NetworkID($0) },
            name: row["name"],
            subnet: try row.value("subnet") { IPv4Subnet($0) },
            gateway: try row.value("gateway") { IPv4Address($0) },
            createdAt: Timestamp(nanoseconds: row["createdAt"])
        )
        project = row["project"]
        key = row["key"]
        driver = try row.value("driver") { NetworkDriverName(rawValue: $0) }
        isInternal = row["isInternal"]
        ipRange = (row["ipRange"] as String?).flatMap { IPv4Subnet($0) }
        labels = try row.json("labels")
        details = try row.json("details")
    }

    func insert(_ db: Database) throws {
        try db.run(
            """
            INSERT INTO networks (id, name, project, key, driver, isInternal, subnet, gateway,
                ipRange, labels, details, createdAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id.text, name, project, key, driver.rawValue, isInternal, subnet.description,
                gateway.description, ipRange?.description, try ColumnJSON.text(labels),
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
