import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB

/// Containers are put on networks and taken off them by commands, whatever their file says. What runs
/// is told by its supervisor (`SupervisorClient.update`).
extension Engine {
    /// Gives a container a place on a network, from now on and at each start.
    /// - Throws: `EngineError`, mostly in docker's words, where it cannot have one.
    package func connect(_ id: ContainerID, to attachment: NetworkAttachment) async throws {
        var attachment = attachment
        attachment.isByHand = true
        try await store.write { [attachment] db in
            let record = try Self.living(id, db)
            var spec = try record.spec
            var attachments = try spec.network.connectable
            guard let network = try NetworkRecord.named(attachment.network, db) else {
                throw Self.refusal(.notFound, "network \(attachment.network) not found")
            }
            guard !attachments.contains(where: { $0.network == network.name }) else {
                throw Self.refusal(
                    .conflict,
                    "endpoint with name \(record.name) already exists in network \(network.name)"
                )
            }
            try Self.check(attachment, on: network, db)
            attachments.append(attachment)
            spec.network = .attached(attachments)
            try Self.write(spec, of: id, db)
            var creation = ContainerCreation()
            try creation.connect(
                id,
                spec,
                for: "cannot connect container `\(record.name)`",
                db
            )
            if record.status == .running { try Self.note("connect", record, network, db) }
        }
    }

    /// Takes a container's place on a network away, which may be one of its file. It has none there at
    /// its next start either.
    /// - Throws: `EngineError`, in docker's words, where it has none.
    package func disconnect(_ id: ContainerID, from name: String) async throws {
        try await store.write { db in
            let record = try Self.living(id, db)
            var spec = try record.spec
            guard case .attached(var attachments) = spec.network,
                let index = attachments.firstIndex(where: { $0.network == name })
            else {
                throw Self.refusal(
                    .state,
                    "container \(id.text) is not connected to network \(name)"
                )
            }
            attachments.remove(at: index)
            spec.network = .attached(attachments)
            try Self.write(spec, of: id, db)
            // It may have been removed while the container did not run.
            guard let network = try NetworkRecord.named(name, db) else { return }
            try Self.release(id, from: network, db)
            if record.status == .running { try Self.note("disconnect", record, network, db) }
        }
    }

    /// Puts a container that is on no network on docker's `none`, where it is on none by intent.
    /// - Throws: `EngineError`, in docker's words, where it is on another, or there already.
    package func connectToNone(_ id: ContainerID) async throws {
        try await store.write { db in
            let record = try Self.living(id, db)
            var spec = try record.spec
            if spec.network == .none {
                throw Self.refusal(
                    .conflict,
                    "endpoint with name \(record.name) already exists in network none"
                )
            }
            guard try spec.network.connectable.isEmpty else {
                throw Self.refusal(.invalid, NetworkMode.reasonOfNone)
            }
            spec.network = .none
            try Self.write(spec, of: id, db)
        }
    }

    /// Takes a container off docker's `none`, so that it may be connected to others.
    /// - Throws: `EngineError`, in docker's words, where it is not there.
    package func disconnectFromNone(_ id: ContainerID) async throws {
        try await store.write { db in
            var spec = try Self.living(id, db).spec
            guard spec.network == .none else {
                throw Self.refusal(
                    .state,
                    "container \(id.text) is not connected to network none"
                )
            }
            spec.network = .attached([])
            try Self.write(spec, of: id, db)
        }
    }

    private static func living(_ id: ContainerID, _ db: Database) throws -> ContainerRecord {
        guard let record = try ContainerRecord.find(id, db), !record.isRemoving else {
            throw refusal(.notFound, "No such container: \(id.text)")
        }
        return record
    }

    private static func refusal(_ kind: EngineError.Kind, _ reason: String) -> EngineError {
        EngineError(kind, "", because: reason)
    }

    private static func write(_ spec: ContainerSpec, of id: ContainerID, _ db: Database) throws {
        try db.run(
            "UPDATE containers SET specJSON = ? WHERE id = ?",
            [try SpecHash.canonicalJSON(spec), id.text]
        )
    }

    /// What docker's default network does not give, and links that lead nowhere.
    private static func check(
        _ attachment: NetworkAttachment,
        on network: NetworkRecord,
        _ db: Database
    ) throws {
        if network.isDefault {
            let invalid = "invalid endpoint settings:\n"
            if attachment.ipv4Address != nil || attachment.ipv6Address != nil {
                throw refusal(
                    .invalid,
                    "\(invalid)user specified IP address is supported on user defined networks only"
                )
            }
            if !attachment.aliases.isEmpty {
                throw refusal(
                    .invalid,
                    "\(invalid)network-scoped aliases are only supported for user-defined networks"
                )
            }
        }
        for link in attachment.links ?? [] {
            let name = link.target.name
            guard try !db.has("SELECT 1 FROM containers WHERE name = ?", [name]) else { continue }
            throw refusal(
                .notFound,
                "could not get container for \(name): No such container: \(name)"
            )
        }
    }

    private static func release(
        _ id: ContainerID,
        from network: NetworkRecord,
        _ db: Database
    ) throws {
        try db.run(
            """
            INSERT OR REPLACE INTO releasedAddresses (network, address, releasedAt)
            SELECT network, address, ?1 FROM endpoints WHERE container = ?2 AND network = ?3
            UNION ALL SELECT network, value, ?1 FROM endpoints, json_each(furtherAddresses)
            WHERE container = ?2 AND network = ?3
            """,
            [Timestamp.now().nanoseconds, id.text, network.id.text]
        )
        try db.run(
            "DELETE FROM endpoints WHERE container = ? AND network = ?",
            [id.text, network.id.text]
        )
    }

    /// Docker's event: of the network, with the container.
    private static func note(
        _ action: String,
        _ container: ContainerRecord,
        _ network: NetworkRecord,
        _ db: Database
    ) throws {
        try EventRecord.note(
            .network,
            action,
            subject: network.id.text,
            name: network.name,
            project: network.project,
            attributes: ["container": container.id.text, "type": network.driver.rawValue],
            db
        )
    }
}

extension NetworkMode {
    fileprivate static let reasonOfNone =
        "container cannot be connected to multiple networks with one of the networks in private (none) "
        + "mode"

    /// The networks of one that may be put on more.
    /// - Throws: docker's words for one that may not.
    fileprivate var connectable: [NetworkAttachment] {
        get throws {
            if case .attached(let attachments) = self { return attachments }
            let reason =
                switch self {
                case .none: Self.reasonOfNone
                default:
                    "container sharing network namespace with another container or host cannot be "
                        + "connected to any other network"
                }
            throw EngineError(.invalid, "", because: reason)
        }
    }
}
