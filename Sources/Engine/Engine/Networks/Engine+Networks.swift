import Addresses
import ContainerNetwork
import ContainerRuntime
import GRDB

extension Engine {
    /// Makes a network: its record with a subnet of its own, then the bridge.
    ///
    /// Throws `EngineError` when the name is taken or the subnet overlaps another network or a route
    /// of the host; nothing is left of it then.
    @discardableResult
    package func createNetwork(_ request: NetworkRequest) async throws -> NetworkRecord {
        try await makeNetwork(request, replaces: false)
    }

    /// Puts a new network in the place of the one of that name, which stays when the new one cannot
    /// be made. A connected container that runs prevents that; others are connected to the new one
    /// when they are started.
    @discardableResult
    package func replaceNetwork(_ request: NetworkRequest) async throws -> NetworkRecord {
        try await makeNetwork(request, replaces: true)
    }

    private func makeNetwork(
        _ request: NetworkRequest,
        replaces: Bool
    ) async throws -> NetworkRecord {
        let wanted = try WantedNetwork(request)
        let hostRoutes = try await kernel.hostRoutes(wanted.families)
        let pools = try wanted.asksForAddresses ? AddressPools.ofMachine() : AddressPools()
        let stateFolder = kernel.stateFolder
        let (record, former, before) = try await store.write { db in
            let former = replaces ? try NetworkRecord.named(request.name, db) : nil
            if let former { try Self.retire(former, for: wanted.attempt, .running(but: []), db) }
            let record = try wanted.insert(
                hostRoutes: hostRoutes,
                pools: pools,
                stateFolder: stateFolder,
                db
            )
            let retired = try former.map { try Self.configuration(ofRetired: $0, db) }
            return (record, retired, try Self.formerForwarding(db))
        }
        do {
            if let former {
                try await kernel.remove(former, before: before)
            }
            try await ensure(record.configuration)
        } catch {
            try await store.writeEnd { db in
                try db.run("DELETE FROM networks WHERE id = ?", [record.id.text])
            }
            throw error
        }
        return record
    }

    /// The record of a network; nil where there is no network of that name.
    /// - Throws: an `EngineError` when the records cannot be read.
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
    /// that. With `disconnectsStopped` only one that runs does, as with docker: others are connected
    /// again when they are started, to the network that has the name then.
    ///
    /// `helper` may take what the kernel has of it on itself, and says whether it has.
    package func removeNetwork(
        named name: String,
        disconnectsStopped: Bool = false,
        helper: (RetiredNetwork) async -> Bool = { _ in false }
    ) async throws {
        let (configuration, before) = try await store.writeEnd { db in
            let attempt = "cannot remove network `\(name)`"
            guard let record = try NetworkRecord.named(name, db) else {
                throw EngineError(.notFound, attempt, because: "no such network")
            }
            try Self.retire(record, for: attempt, disconnectsStopped ? .running(but: []) : .any, db)
            let before = try Self.formerForwarding(db)
            let configuration = try Self.configuration(ofRetired: record, db)
            if try !db.has("SELECT 1 FROM networks") { try Self.forgetHostForwarding(db) }
            return (configuration, before)
        }
        // The record is gone first: a crash here leaves a bridge that recovery removes, and never a
        // record whose network somebody could still be given an address on.
        let retired = RetiredNetwork(configuration: configuration, before: before)
        if await helper(retired) { return }
        try await kernel.remove(configuration, before: before)
    }

    /// What is to be removed of a network whose record is gone: the host's link stays while other
    /// networks are on it.
    private static func configuration(
        ofRetired record: NetworkRecord,
        _ db: Database
    ) throws -> NetworkConfiguration {
        var configuration = record.configuration
        guard let parent = configuration.parentOptions?.parent else { return configuration }
        configuration.sharesParent = try db.rows("SELECT * FROM networks")
            .map(NetworkRecord.init(row:))
            .contains { $0.configuration.parentOptions?.parent == parent }
        return configuration
    }

    /// Which connected containers keep a network from being removed.
    enum Connected {
        case any
        /// Those that run, without some that will be stopped by then.
        case running(but: Set<ContainerID>)
    }

    /// Takes the record of a network away, and the places that containers have on it.
    static func retire(
        _ record: NetworkRecord,
        for attempt: String,
        _ obstacles: Connected,
        _ db: Database
    ) throws {
        let rows = try db.rows(
            """
            SELECT containers.id, containers.name, containers.project, containers.service, containers.isOneOff,
                containers.status IN ('running', 'restarting') AS isAlive
            FROM endpoints JOIN containers ON containers.id = endpoints.container
            WHERE endpoints.network = ? ORDER BY 2
            """,
            [record.id.text]
        )
        let connected = try rows.filter { row in
            guard case .running(let stopped) = obstacles else { return true }
            let isAlive: Bool = row["isAlive"]
            let id = try row.value("id") { ContainerID($0) }
            return isAlive && !stopped.contains(id)
        }
        guard connected.isEmpty else {
            let owners = connected.map(ContainerHolder.init(row:))
            let verb = if case .any = obstacles { "down" } else { "stop" }
            throw EngineError(
                .inUse,
                attempt,
                because: "connected to it: \(owners.words)",
                remedy: owners.commands(verb).map { "\($0) ends that" }
            )
        }
        try db.run("DELETE FROM endpoints WHERE network = ?", [record.id.text])
        try db.run("DELETE FROM networks WHERE id = ?", [record.id.text])
        try EventRecord.note(
            .network,
            "destroy",
            subject: record.id.text,
            name: record.name,
            project: record.project,
            attributes: ["type": record.driver.rawValue],
            db
        )
    }
}
