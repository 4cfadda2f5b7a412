import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB
import ImageStore
import Linux
import OCI
import SystemPackage

extension Engine {
    /// Gets everything ready for one start: networks are there, folders made, ports held.
    ///
    /// Throws when an image, a volume or a network is missing, or a port is in use; then nothing is
    /// held. What is made here (bridges, folders) belongs to records and stays.
    package func prepareStart(_ id: ContainerID) async throws -> PreparedStart {
        var facts = try await store.read { db in try StartFacts(of: id, db) }
        if facts.isDisconnected {
            facts = try await store.write { db in try StartFacts(reconnecting: id, db) }
        }
        let record = facts.container
        var spec = facts.spec
        let connections = facts.connections
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in connections {
                let configuration = connection.network.configuration
                group.addTask { try await ensure(configuration) }
            }
            try await group.waitForAll()
        }
        spec.mounts = try facts.namedMounts()
        if let links = facts.links {
            spec.process.environment = links.before(spec.process.environment)
        }
        var placement = try await place(facts, spec: spec)
        placement.companions = try await companions(of: spec, named: record.name)
        placement.writtenFiles = try writtenFiles(of: record, spec)
        for (image, parts) in facts.mountedImages {
            let layers = try await layers(parts, of: record)
            placement.mountedImages[image] = layers + (try emptyFolders(besides: layers.count))
        }
        for volume in Set(facts.volumes.values) {
            let options = facts.volumeOptions[volume] ?? [:]
            placement.volumes[volume] = try place(ofVolume: volume, options)
            if !options.isEmpty { placement.foreignVolumes.insert(volume) }
        }
        let (held, warnings) = try await holdPorts(
            spec.ports,
            of: record.name,
            connections: connections
        )
        if !held.published.isEmpty {
            // Before they lead anywhere: whoever finds them after a crash knows whose they are.
            let published = try ColumnJSON.text(held.published)
            try await store.write { db in
                try db.run(
                    "UPDATE containers SET published = ? WHERE id = ?",
                    [published, id.text]
                )
            }
        }
        return PreparedStart(
            container: record,
            spec: spec,
            placement: placement,
            connections: connections,
            ports: held,
            warnings: warnings
        )
    }

    /// What a container's file system is made of, whether it runs or not.
    func fileParts(of id: ContainerID) async throws -> FileParts {
        let facts = try await store.read { db in try StartFacts(of: id, db) }
        return FileParts(
            layers: try await layers(facts.layers, of: facts.container),
            mounts: try facts.namedMounts(),
            volumeOptions: facts.volumeOptions,
            isReadOnly: facts.spec.readOnlyRoot
        )
    }

    private func place(_ facts: StartFacts, spec: ContainerSpec) async throws -> Placement {
        let record = facts.container
        let folder = layout.container(record.id.text)
        try Layout.make(folder)
        let addresses = facts.connections.flatMap(\.endpoint.addresses)
        let outward = Outward(facts.connections).gateways
        let inner = facts.connections.first?.network.configuration.gateways ?? []
        return Placement(
            id: record.id,
            name: record.name,
            directory: folder,
            layers: try await layers(facts.layers, of: record),
            hosts: HostFiles.hosts(
                spec,
                hostname: spec.hostname ?? record.id.short,
                addresses: addresses,
                gateways: outward.isEmpty ? inner : outward
            ),
            resolvConf: HostFiles.resolvConf(spec),
            cgroupParent: record.project ?? Layout.standaloneProject
        )
    }

    /// The directories of the image's layers, topmost first.
    private func layers(
        _ layers: [ImageRecord.Layer],
        of record: ContainerRecord
    ) async throws -> [FilePath] {
        if let missing = layers.first(where: { !imageStore.hasLayer($0.diffID) }) {
            throw EngineError(
                .state,
                "cannot start container `\(record.name)`",
                because: "layer \(missing.diffID) of its image is missing",
                remedy: "pull or build the image again"
            )
        }
        let (store, diffIDs) = (imageStore, layers.map(\.diffID))
        // The first container of an image waits for a garbage collection that runs just now.
        return try await blocking { () throws(any Error) in
            try store.lowerDirectories(for: diffIDs)
        }
    }
}

/// What a container's file system is made of.
struct FileParts: Sendable {
    /// Of the image, topmost first.
    var layers: [FilePath]
    /// With every volume by its record's name.
    var mounts: [MountSpec]
    /// Of those volumes that have some.
    var volumeOptions: [String: [String: String]]
    var isReadOnly: Bool
}

extension TransportProtocol {
    init(_ transport: PortBinding.Transport) {
        switch transport {
        case .tcp: self = .tcp
        case .udp: self = .udp
        }
    }
}

/// What the records say about a container that is to be started, read at one moment.
private struct StartFacts: Sendable {
    var container: ContainerRecord
    var spec: ContainerSpec
    var layers: [ImageRecord.Layer]
    /// Those of images that are mounted.
    var mountedImages: [Digest: [ImageRecord.Layer]] = [:]
    var connections: [PreparedStart.Connection] = []
    /// nil where it has none on docker's default network.
    var links: LinkVariables?
    /// Volume by target.
    var volumes: [String: String] = [:]
    /// Of those volumes that have some.
    var volumeOptions: [String: [String: String]] = [:]

    init(of id: ContainerID, _ db: Database) throws {
        guard let record = try ContainerRecord.find(id, db), !record.isRemoving else {
            throw EngineError(
                .notFound,
                "cannot start container \(id.short)",
                because: "no such container"
            )
        }
        container = record
        spec = try record.spec
        layers = try Self.layers(of: record.image, called: spec.imageName, for: record, db)
        for case .image(let image, let name) in (spec.mounts + spec.inheritedMounts).map(\.source) {
            mountedImages[image] = try Self.layers(of: image, called: name, for: record, db)
        }
        for endpoint in try EndpointRecord.of(id, db) {
            guard let network = try NetworkRecord.find(endpoint.network, db) else { continue }
            connections.append(PreparedStart.Connection(endpoint: endpoint, network: network))
            if network.isDefault, spec.links?.isEmpty == false {
                links = try LinkVariables(of: record, spec, on: network, db)
            }
        }
        for row in try db.rows("SELECT * FROM volumeUses WHERE container = ?", [id.text]) {
            let use = try VolumeUse(row: row)
            volumes[use.target] = use.volume
        }
        for row in try db.rows(
            """
            SELECT DISTINCT volumes.name, volumes.driverOptions FROM volumes
            JOIN volumeUses ON volumeUses.volume = volumes.name
            WHERE volumeUses.container = ? AND volumes.driverOptions <> '{}'
            """,
            [id.text]
        ) { volumeOptions[row["name"]] = try row.json("driverOptions") }
    }

    private static func layers(
        of image: Digest,
        called name: String,
        for record: ContainerRecord,
        _ db: Database
    ) throws -> [ImageRecord.Layer] {
        let rows = try db.row("SELECT layers FROM images WHERE id = ?", [image.description])
        guard let row = rows else {
            throw EngineError(
                .notFound,
                "cannot start container `\(record.name)`",
                because: "its image `\(name)` is gone",
                remedy: "pull or build it again"
            )
        }
        return try row.json("layers")
    }

    /// A network of the container was removed while it did not run.
    var isDisconnected: Bool {
        guard case .attached(let attachments) = spec.network else { return false }
        return connections.count < attachments.count
    }

    /// Connects it again to those of its networks on which it has no address any more.
    init(reconnecting id: ContainerID, _ db: Database) throws {
        let facts = try StartFacts(of: id, db)
        var creation = ContainerCreation()
        try creation.connect(
            id,
            facts.spec,
            for: "cannot start container `\(facts.container.name)`",
            db
        )
        try self.init(of: id, db)
    }

    private func isReadOnly(_ volume: String) -> Bool {
        // `try?`: they were read when the volume was made.
        let kind = volumeOptions[volume].flatMap { try? LocalVolume($0) }
        if case .folder(_, readOnly: true)? = kind { return true }
        return false
    }

    /// Whether a volume takes the image's content: with the container's first start, as docker has it
    /// with its making, and not where all is gone as soon as nobody has it mounted.
    private func fills(_ volume: String) -> Bool {
        if container.startedAt != nil { return false }
        // `try?`: as above.
        let kind = volumeOptions[volume].flatMap { try? LocalVolume($0) }
        if case .fileSystem("tmpfs", _, _)? = kind { return false }
        return true
    }

    /// The spec's mounts with every volume by its record's name.
    func namedMounts() throws -> [MountSpec] {
        try (spec.mounts + spec.inheritedMounts).map { mount in
            var mount = mount
            if case .volume(let name, let copies) = mount.source {
                if isReadOnly(name) { mount.readOnly = true }
                mount.source = .volume(name: name, copiesImageContent: copies && fills(name))
            }
            guard case .anonymousVolume(let copies) = mount.source else { return mount }
            guard let name = volumes[mount.target] else {
                throw EngineError(
                    .state,
                    "cannot start container `\(container.name)`",
                    because: "the volume at \(mount.target) has no record",
                    remedy: "`berth up --force-recreate` recreates the container"
                )
            }
            mount.source = .volume(name: name, copiesImageContent: copies && fills(name))
            return mount
        }
    }
}
