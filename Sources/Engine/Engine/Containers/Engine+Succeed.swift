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

/// Who is concerned when names lead to another container.
package enum NamesAudience: Sendable {
    /// Nobody: the container is on no network.
    case nobody
    /// Containers of its project.
    case project
    /// Containers of other projects, too, which share a network with it.
    case others
}

extension Engine {
    /// Lets the names of a container lead to its successor instead, as long as that runs; or back to the
    /// one that it was to succeed.
    package func leadNames(
        of old: ContainerID,
        to successor: ContainerID
    ) async throws -> NamesAudience {
        try await store.write { db in
            try db.run(
                "UPDATE endpoints SET details = json_set(details, '$.yieldsTo', ?) WHERE container = ?",
                [successor.text, old.text]
            )
            try db.run(
                """
                UPDATE endpoints SET details = json_remove(details, '$.yieldsTo')
                WHERE container = ? AND json_extract(details, '$.yieldsTo') = ?
                """,
                [successor.text, old.text]
            )
            guard try !EndpointRecord.of(old, db).isEmpty else { return .nobody }
            let other = try db.row(
                """
                SELECT 1 FROM endpoints AS own
                JOIN endpoints ON endpoints.network = own.network
                JOIN containers ON containers.id = endpoints.container
                WHERE own.container = ?1 AND containers.status = 'running' AND containers.project
                    IS NOT (SELECT project FROM containers WHERE id = ?1)
                LIMIT 1
                """,
                [old.text]
            )
            return other == nil ? .project : .others
        }
    }

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
