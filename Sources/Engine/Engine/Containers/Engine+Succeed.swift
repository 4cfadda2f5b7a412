package import ContainerRuntime
import GRDB

/// Two containers in the place of one, while a service is updated: the successor has a name of its own
/// until it takes over that of the container it replaces.
extension ContainerRecord {
    /// The name of what is to replace a container, until it does: docker compose's for one that it
    /// recreates.
    package static func nameOfSuccessor(of id: ContainerID, named name: String) -> String {
        "\(id.short)_\(name)"
    }

    /// The name of the container that one of this name is to replace, if it has the form of that; its
    /// identifier begins with `id`.
    package static func predecessor(in name: String) -> (id: Substring, name: String)? {
        let parts = name.split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].utf8.count == 12,
            parts[0].allSatisfy({ $0.isHexDigit && !$0.isUppercase })
        else { return nil }
        return (parts[0], String(parts[1]))
    }
}

extension Engine {
    /// Removes a stopped container and gives its name to its successor, which runs: the end of what
    /// began with creating that beside it. The old one's anonymous volumes go if `renewsVolumes`.
    package func succeed(
        _ old: ContainerID,
        by successor: ContainerID,
        renewsVolumes: Bool
    ) async throws {
        try await settleUnseen([old])
        try await store.write { db in
            let attempt = "cannot replace container `\(old.short)` by `\(successor.short)`"
            guard let former = try ContainerRecord.find(old, db),
                var record = try ContainerRecord.find(successor, db), !record.isRemoving
            else { throw EngineError(.notFound, attempt, because: "no such container") }
            try Self.retire(old, withAnonymousVolumes: renewsVolumes, db)
            try db.run(
                "UPDATE containers SET name = ? WHERE id = ?",
                [former.name, successor.text]
            )
            let attributes = ["oldName": "/\(record.name)"]
            record.name = former.name
            try EventRecord.note("rename", record, attributes: attributes, db)
        }
        try await finishRemoval(of: [old])
    }
}
