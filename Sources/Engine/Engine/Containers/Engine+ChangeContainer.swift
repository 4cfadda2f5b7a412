package import ContainerRuntime
import GRDB

extension Engine {
    /// Changes what a container may use, or when it is started again. The hash of its spec stays: it
    /// is what the container was made from, and a project's is not made again for this.
    ///
    /// Who runs it is told by its supervisor (`SupervisorClient.update`).
    package func update(
        _ id: ContainerID,
        _ change: @escaping @Sendable (inout ContainerSpec) throws -> Void
    ) async throws {
        try await store.write { db in
            guard let record = try ContainerRecord.find(id, db), !record.isRemoving else {
                throw EngineError(
                    .notFound,
                    "cannot update container \(id.short)",
                    because: "no such container"
                )
            }
            var spec = try record.spec
            try change(&spec)
            try db.run(
                "UPDATE containers SET specJSON = ? WHERE id = ?",
                [try SpecHash.canonicalJSON(spec), id.text]
            )
            try EventRecord.note("update", record, db)
        }
    }
}
