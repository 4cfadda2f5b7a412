import Addresses
import ContainerNetwork
import ContainerRuntime
import GRDB
import OCI

/// The transaction that makes the records of some containers: all of them, or none.
struct ContainerCreation {
    /// A request with its canonical JSON, made before the transaction so that it stays short.
    struct Prepared: Sendable {
        var request: ContainerRequest
        var id: ContainerID
        var specJSON: String
        var specHash: Digest

        init(_ request: ContainerRequest) throws {
            try Engine.checkName(request.name, of: "container")
            self.request = request
            id = .random()
            specJSON = try SpecHash.canonicalJSON(request.spec)
            specHash = try SpecHash.hash(of: request.spec)
        }

        var attempt: String { "cannot create container `\(request.name)`" }
    }

    /// Addresses to give again where they are free: those of the container that is replaced.
    var preferred: [NetworkID: [IPAddress]] = [:]
    private var addresses: [String: NetworkAddresses] = [:]
    private let createdAt = Timestamp.now()

    mutating func create(_ asked: Prepared, _ db: Database) throws -> ContainerRecord {
        let prepared = try asked.inheriting(db)
        let request = prepared.request
        if let owner = try db.row(
            "SELECT name, project, service FROM containers WHERE name = ?",
            [request.name]
        ).map(ContainerHolder.init(row:)) {
            throw EngineError(
                .conflict,
                prepared.attempt,
                because: "the name is in use by \(owner.words)",
                remedy: [owner].commands("down").map { "\($0) removes it" }
            )
        }
        guard
            try db.has("SELECT 1 FROM images WHERE id = ?", [request.spec.image.description])
        else {
            throw EngineError(
                .notFound,
                prepared.attempt,
                because: "there is no image `\(request.spec.imageName)` here",
                remedy: "pull or build it first"
            )
        }
        try Self.checkLinks(prepared, db)
        var record = ContainerRecord(
            id: prepared.id,
            name: request.name,
            image: request.spec.image,
            specJSON: prepared.specJSON,
            specHash: prepared.specHash,
            createdAt: createdAt
        )
        record.project = request.project
        record.service = request.service
        record.number = request.number
        record.isOneOff = request.isOneOff
        record.labels = request.spec.labels.merging(request.labels) { _, ours in ours }
        try record.insert(db)
        try connect(record.id, request.spec, for: prepared.attempt, db)
        try Self.addVolumes(prepared, createdAt: createdAt, db)
        try EventRecord.note("create", record, db)
        return record
    }

    /// A container outside of the project is there before it is linked to, as Docker has it.
    private static func checkLinks(_ prepared: Prepared, _ db: Database) throws {
        for link in prepared.request.spec.links ?? [] {
            guard case .container(let name) = link.target,
                try !db.has("SELECT 1 FROM containers WHERE name = ?", [name])
            else { continue }
            throw EngineError(
                .notFound,
                prepared.attempt,
                because: "it links to container `\(name)`, which does not exist",
                remedy: "create that one first"
            )
        }
    }

    /// Gives the container an address on each of its networks on which it has none.
    mutating func connect(
        _ id: ContainerID,
        _ spec: ContainerSpec,
        for attempt: String,
        _ db: Database
    ) throws {
        guard case .attached(let attachments) = spec.network else { return }
        let connected = try EndpointRecord.of(id, db)
        var places = Set(connected.map(\.position))
        var interfaces = InterfaceNames(attachments, taken: connected.map(\.interface))
        for (index, attachment) in attachments.enumerated()
        where !connected.contains(where: { $0.networkName == attachment.network }) {
            let position = places.contains(index) ? (places.max() ?? -1) + 1 : index
            places.insert(position)
            var free =
                try addresses[attachment.network]
                ?? NetworkAddresses(of: attachment.network, for: attempt, db)
            let taken = try free.take(
                attachment,
                preferring: preferred[free.network.id] ?? [],
                for: attempt
            )
            addresses[attachment.network] = free
            var endpoint = EndpointRecord(
                container: id,
                network: free.network.id,
                networkName: attachment.network,
                position: position,
                addresses: taken,
                aliases: attachment.aliases
            )
            endpoint.details = EndpointDetails(of: attachment)
            endpoint.details.interface = interfaces.name(
                of: attachment,
                at: position,
                prefix: free.network.options.interfacePrefix
            )
            try endpoint.insert(db)
        }
    }

    /// Ties the container to its volumes; makes the anonymous ones it does not inherit.
    private static func addVolumes(
        _ prepared: Prepared,
        createdAt: Timestamp,
        _ db: Database
    ) throws {
        let request = prepared.request
        for mount in request.spec.mounts + request.spec.inheritedMounts {
            let name: String
            switch mount.source {
            case .volume(let volume, _):
                guard try VolumeRecord.named(volume, db) != nil else {
                    throw EngineError(
                        .notFound,
                        prepared.attempt,
                        because: "there is no volume `\(volume)`",
                        remedy: "create it first"
                    )
                }
                name = volume
            case .anonymousVolume:
                name = try anonymousVolume(
                    at: mount,
                    of: request,
                    createdAt: createdAt,
                    db
                )
            case .image(let image, let imageName):
                try Self.use(image, imageName, by: prepared, db)
                continue
            case .bind, .tmpfs, .given:
                continue
            }
            try VolumeUse(container: prepared.id, target: mount.target, volume: name).insert(db)
        }
    }

    /// Keeps an image from being removed while the container is there.
    private static func use(
        _ image: Digest,
        _ name: String,
        by prepared: Prepared,
        _ db: Database
    ) throws {
        guard try db.has("SELECT 1 FROM images WHERE id = ?", [image.description]) else {
            throw EngineError(
                .notFound,
                prepared.attempt,
                because: "there is no image `\(name)` here to be mounted",
                remedy: "pull or build it first"
            )
        }
        try db.run(
            "INSERT OR IGNORE INTO imageUses (container, image) VALUES (?, ?)",
            [prepared.id.text, image.description]
        )
    }

    private static func anonymousVolume(
        at mount: MountSpec,
        of request: ContainerRequest,
        createdAt: Timestamp,
        _ db: Database
    ) throws -> String {
        if let old = request.inheritsVolumesOf,
            let inherited = try db.texts(
                """
                SELECT volume FROM volumeUses JOIN volumes ON volumes.name = volume
                WHERE container = ? AND target = ? AND isAnonymous
                """,
                [old.text, mount.target]
            ).first
        {
            return inherited
        }
        var volume = VolumeRecord(name: ContainerID.random().text, createdAt: createdAt)
        volume.isAnonymous = true
        volume.labels = mount.labels ?? [:]
        volume.project = request.project
        try volume.insert(db)
        return volume.name
    }
}

/// What the links of a container are called: as asked for, the others by their number.
private struct InterfaceNames {
    private let taken: Set<String>
    private var counts: [String: Int] = [:]

    init(_ attachments: [NetworkAttachment], taken: [String]) {
        self.taken = Set(attachments.compactMap(\.interfaceName) + taken)
    }

    /// nil is the usual name of that place.
    mutating func name(
        of attachment: NetworkAttachment,
        at position: Int,
        prefix: String?
    ) -> String? {
        if let own = attachment.interfaceName { return own }
        let prefix = prefix ?? "eth"
        var name: String
        repeat {
            name = "\(prefix)\(counts[prefix, default: 0])"
            counts[prefix, default: 0] += 1
        } while taken.contains(name)
        return name == "eth\(position)" ? nil : name
    }
}

extension EndpointDetails {
    fileprivate init(of attachment: NetworkAttachment) {
        self.init()
        mac = attachment.macAddress.flatMap { MACAddress($0) }
        linkLocalAddresses = attachment.linkLocalAddresses.map { texts in
            texts.compactMap { IPAddress($0) }
        }
        gatewayPriority = attachment.gatewayPriority
        links = attachment.links
        linkParameters = attachment.linkParameters
    }
}
