package import ContainerRuntime
import GRDB
import OCI

extension Engine {
    /// Changes what a container may use, or when it is started again. The hash of its spec stays: it
    /// is what the container was made from, and a project's is not made again for this.
    ///
    /// Who runs it is told by its supervisor (`SupervisorClient.update`).
    package func update(
        _ id: ContainerID,
        _ change: @escaping @Sendable (inout ContainerSpec) throws -> Void
    ) async throws {
        try await changing(id, for: "cannot update container \(id.short)") { record, db in
            var spec = try record.spec
            try change(&spec)
            try db.run(
                "UPDATE containers SET specJSON = ? WHERE id = ?",
                [try SpecHash.canonicalJSON(spec), id.text]
            )
        }
    }

    /// Writes down that the container publishes other ports, as if it had been made so: its spec and the
    /// hash of that, and `labels` beside those that it has. Its supervisor takes it over
    /// (`SupervisorClient.update`).
    package func republish(
        _ id: ContainerID,
        _ ports: [PortBinding],
        labels: [String: String]
    ) async throws {
        try await changing(id, for: "cannot publish ports of container \(id.short)") { record, db in
            var spec = try record.spec
            spec.ports = ports
            try db.run(
                "UPDATE containers SET specJSON = ?, specHash = ?, labels = ? WHERE id = ?",
                [
                    try SpecHash.canonicalJSON(spec), try SpecHash.hash(of: spec).description,
                    ColumnJSON.text(record.labels.merging(labels) { $1 }), id.text,
                ]
            )
        }
    }

    /// Changes the record of a container that is there, and notes docker's event of it.
    private func changing(
        _ id: ContainerID,
        for attempt: String,
        _ change: @escaping @Sendable (ContainerRecord, Database) throws -> Void
    ) async throws {
        try await store.write { db in
            guard let record = try ContainerRecord.find(id, db), !record.isRemoving else {
                throw EngineError(.notFound, attempt, because: "no such container")
            }
            try change(record, db)
            try EventRecord.note("update", record, db)
        }
    }
}
