package import ContainerRuntime
import GRDB
import OCI

extension Engine {
    /// Makes the records of some containers in one transaction: names, addresses and anonymous
    /// volumes are theirs from then on. Nothing is started.
    ///
    /// Throws `EngineError` when a name or address is taken, or an image, network or volume is
    /// missing; then none of them was made.
    package func createContainers(_ requests: [ContainerRequest]) async throws -> [ContainerRecord]
    {
        let prepared = try requests.map(ContainerCreation.Prepared.init)
        let records = try await store.write { db in
            var creation = ContainerCreation()
            return try prepared.map { try creation.create($0, db) }
        }
        do { for container in prepared { try write(container) } } catch {
            // `try?`: the first cause is what the user must hear; the next command removes the rest.
            try? await removeContainers(records.map(\.id), withAnonymousVolumes: true)
            throw error
        }
        return records
    }

    private func write(_ container: ContainerCreation.Prepared) throws {
        try give(container.request.contents, to: container.id, of: container.request.spec)
    }

    /// Puts a new container in the place of a stopped one, in one transaction: it takes the name,
    /// the addresses where it may, and the anonymous volumes unless `renewsVolumes`. The old one is
    /// gone when this returns.
    package func replaceContainer(
        _ old: ContainerID,
        with request: ContainerRequest,
        renewsVolumes: Bool
    ) async throws -> ContainerRecord {
        let prepared = try ContainerCreation.Prepared(request)
        try await settleUnseen([old])
        let record = try await store.write { db in
            try Self.replace(old, with: prepared, renewsVolumes, db)
        }
        try write(prepared)
        try await finishRemoval(of: [old])
        return record
    }

    static func replace(
        _ old: ContainerID,
        with prepared: ContainerCreation.Prepared,
        _ renewsVolumes: Bool,
        whileRunning: Bool = false,
        _ db: Database
    ) throws -> ContainerRecord {
        var prepared = prepared
        prepared.request.inheritsVolumesOf = renewsVolumes ? nil : old
        var creation = ContainerCreation()
        for endpoint in try EndpointRecord.of(old, db) {
            creation.preferred[endpoint.network] = endpoint.addresses
        }
        try retire(
            old,
            withAnonymousVolumes: renewsVolumes,
            whileRunning: whileRunning,
            db
        )
        return try creation.create(prepared, db)
    }

    /// Gives a stopped or running container another name.
    package func renameContainer(_ id: ContainerID, to name: String) async throws {
        try Self.checkName(name, of: "container")
        try await store.write { db in
            let attempt = "cannot rename container `\(id.short)` to `\(name)`"
            guard let record = try ContainerRecord.find(id, db) else {
                throw EngineError(.notFound, attempt, because: "no such container")
            }
            guard try !db.has("SELECT 1 FROM containers WHERE name = ?", [name]) else {
                throw EngineError(.conflict, attempt, because: "the name is in use")
            }
            try db.run("UPDATE containers SET name = ? WHERE id = ?", [name, id.text])
            var renamed = record
            renamed.name = name
            let attributes = ["oldName": "/\(record.name)"]
            try EventRecord.note("rename", renamed, attributes: attributes, db)
        }
    }
}
