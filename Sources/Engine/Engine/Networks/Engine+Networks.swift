import Addresses
import ContainerNetwork
import GRDB

extension Engine {
    /// Makes a network: its record with a subnet of its own, then the bridge.
    ///
    /// Throws `EngineError` when the name is taken or the subnet overlaps another network or a route
    /// of the host; nothing is left of it then.
    @discardableResult
    package func createNetwork(_ request: NetworkRequest) async throws -> NetworkRecord {
        try Self.checkName(request.name, of: "network")
        let attempt = "cannot create network `\(request.name)`"
        guard request.driver == "bridge" else {
            throw EngineError(
                .invalid,
                attempt,
                because: "there is no driver `\(request.driver)`",
                remedy: "use `bridge`"
            )
        }
        let wanted = try WantedSubnet(request, for: attempt)
        let hostRoutes = try await kernel.hostRoutes()
        let record = try await store.write { db in
            guard try NetworkRecord.named(request.name, db) == nil else {
                throw EngineError(
                    .conflict,
                    attempt,
                    because: "a network of that name exists",
                    remedy: "give this one another name, or take down the project that has it"
                )
            }
            let others = try db.rows("SELECT * FROM networks").map(NetworkRecord.init(row:))
            let record = try wanted.record(
                for: request,
                others: others,
                hostRoutes: hostRoutes,
                attempt: attempt
            )
            try record.insert(db)
            try EventRecord.note(
                .network,
                "create",
                subject: record.id.text,
                name: record.name,
                project: record.project,
                db
            )
            return record
        }
        do {
            try await ensure(record.configuration)
        } catch {
            try await store.writeEnd { db in
                try db.run("DELETE FROM networks WHERE id = ?", [record.id.text])
            }
            throw error
        }
        return record
    }

    package func network(named name: String) async throws -> NetworkRecord? {
        try await store.read { db in try NetworkRecord.named(name, db) }
    }

    /// Every network of the machine, by name.
    package func networks() async throws -> [NetworkRecord] {
        try await store.read { db in
            try db.rows("SELECT * FROM networks ORDER BY name").map(NetworkRecord.init(row:))
        }
    }

    /// Removes a network and its bridge. A container that is connected, running or not, prevents
    /// that.
    package func removeNetwork(named name: String) async throws {
        let (record, hostWasNoRouter) = try await store.writeEnd { db in
            let attempt = "cannot remove network `\(name)`"
            guard let record = try NetworkRecord.named(name, db) else {
                throw EngineError(.notFound, attempt, because: "no such network")
            }
            let connected = try db.texts(
                """
                SELECT containers.name FROM endpoints
                JOIN containers ON containers.id = endpoints.container
                WHERE endpoints.network = ? ORDER BY 1
                """,
                [record.id.text]
            )
            guard connected.isEmpty else {
                throw EngineError(
                    .inUse,
                    attempt,
                    because: "containers are connected: \(connected.joined(separator: ", "))",
                    remedy: "remove them first"
                )
            }
            try db.run("DELETE FROM networks WHERE id = ?", [record.id.text])
            try EventRecord.note(
                .network,
                "destroy",
                subject: record.id.text,
                name: name,
                project: record.project,
                db
            )
            let hostWasNoRouter = try Self.hostWasNoRouter(db)
            if try !db.has("SELECT 1 FROM networks") { try Self.forgetHostForwarding(db) }
            return (record, hostWasNoRouter)
        }
        // The record is gone first: a crash here leaves a bridge that recovery removes, and never a
        // record whose network somebody could still be given an address on.
        try await kernel.remove(record.configuration, hostWasNoRouter: hostWasNoRouter)
    }
}

/// The subnet a request asks for, read before any transaction.
private struct WantedSubnet: Sendable {
    var subnet: IPv4Subnet?
    var gateway: IPv4Address?
    var range: IPv4Subnet?

    init(_ request: NetworkRequest, for attempt: String) throws {
        func read<T>(_ text: String?, _ noun: String, _ make: (String) -> T?) throws -> T? {
            guard let text else { return nil }
            guard let value = make(text) else {
                throw EngineError(.invalid, attempt, because: "`\(text)` is no \(noun)")
            }
            return value
        }
        subnet = try read(request.subnet, "IPv4 subnet") { IPv4Subnet($0) }
        gateway = try read(request.gateway, "IPv4 address") { IPv4Address($0) }
        range = try read(request.ipRange, "IPv4 subnet") { IPv4Subnet($0) }
        guard subnet != nil || (gateway == nil && range == nil) else {
            throw EngineError(
                .invalid,
                attempt,
                because: "a gateway or address range needs a subnet"
            )
        }
    }

    func record(
        for request: NetworkRequest,
        others: [NetworkRecord],
        hostRoutes: [IPv4Subnet],
        attempt: String
    ) throws -> NetworkRecord {
        do {
            let chosen: IPv4Subnet
            if let subnet {
                try AddressPool.checkSubnet(
                    subnet,
                    taken: others.map { ($0.name, $0.subnet) },
                    hostRoutes: hostRoutes
                )
                chosen = subnet
            } else {
                chosen = try AddressPool.freeSubnet(
                    taken: others.map(\.subnet),
                    hostRoutes: hostRoutes
                )
            }
            if let range, !chosen.contains(range) {
                throw AddressError.rangeOutsideSubnet(range, chosen)
            }
            var record = NetworkRecord(
                id: .random(),
                name: request.name,
                subnet: chosen,
                gateway: try AddressPool.gateway(of: chosen, requested: gateway),
                createdAt: .now()
            )
            record.project = request.project
            record.key = request.key
            record.driver = request.driver
            record.isInternal = request.isInternal
            record.ipRange = range
            record.labels = request.labels
            return record
        } catch let error as AddressError {
            throw EngineError(.conflict, attempt, because: "\(error)")
        }
    }
}
