import Builder
import Engine
import GoTemplate
import ImageStore
import OCI

/// What everything of berth takes on disk.
struct DiskUseReport {
    private var images: [Image] = []
    private var containers: [(container: ObservedContainer, bytes: Int64)] = []
    private var volumes: [(name: String, links: Int, bytes: Int64)] = []
    /// Layers that build steps made, and whether an image has them too.
    private var cache: [(layer: Digest, bytes: Int64, isShared: Bool)] = []
    /// All layers of images, each once.
    private var layerBytes: Int64 = 0
    private var cachedSteps = 0

    private struct Image {
        var image: KnownImage
        var shared: Int64
        var containers: Int
    }

    /// Nothing at all for a machine on which nothing was ever done.
    init(of session: Session?) async throws {
        guard let session else { return }
        let observed = try await session.engine.observe(project: nil)
        try await count(KnownImage.all(in: session), observed.containers, session)
        for container in observed.containers {
            containers.append(
                (container, try await session.engine.writtenBytes(of: container.record.id))
            )
        }
        let uses = Dictionary(grouping: observed.containers.flatMap(\.volumes), by: \.volume)
        for volume in observed.volumes {
            let bytes = try await session.engine.bytes(ofVolume: volume.name)
            volumes.append((volume.name, uses[volume.name]?.count ?? 0, bytes))
        }
    }

    private mutating func count(
        _ known: [KnownImage],
        _ containers: [ObservedContainer],
        _ session: Session
    ) throws {
        let store = session.engine.imageStore
        var owners: [Digest: Int] = [:]
        for image in known {
            for layer in Set(image.record.layers) { owners[layer.diffID, default: 0] += 1 }
        }
        var sizes: [Digest: Int64] = [:]
        // A layer that was lost since takes no room.
        for layer in owners.keys { sizes[layer] = try? store.layerRecord(layer).size }
        layerBytes = sizes.values.reduce(0, +)
        images = known.map { image in
            let shared = Set(image.record.layers).filter { owners[$0.diffID, default: 0] > 1 }
            return Image(
                image: image,
                shared: shared.reduce(0) { $0 + (sizes[$1.diffID] ?? 0) },
                containers: containers.count { $0.record.image == image.record.id }
            )
        }
        let inventory = BuildCacheInventory(below: session.layout.buildCache)
        cachedSteps = try inventory.count()
        for layer in try inventory.layers().sorted() where store.hasLayer(layer) {
            cache.append((layer, try store.layerRecord(layer).size, owners[layer] != nil))
        }
    }

    private static func isActive(_ container: ObservedContainer) -> Bool {
        [.running, .restarting].contains(container.record.status)
    }
}

extension DiskUseReport {
    /// One row per kind, as docker's.
    var summary: [[(name: String, value: String)]] {
        let usedImages = images.filter { $0.containers > 0 }
        let usedBytes = usedImages.reduce(0) { $0 + $1.image.record.sizeBytes - $1.shared }
        let idle = containers.filter { !Self.isActive($0.container) }
        let unused = volumes.filter { $0.links == 0 }
        return [
            row(
                "Images",
                images.count,
                usedImages.count,
                layerBytes,
                max(0, layerBytes - usedBytes)
            ),
            row(
                "Containers",
                containers.count,
                containers.count - idle.count,
                containers.reduce(0) { $0 + $1.bytes },
                idle.reduce(0) { $0 + $1.bytes }
            ),
            row(
                "Local Volumes",
                volumes.count,
                volumes.count - unused.count,
                volumes.reduce(0) { $0 + $1.bytes },
                unused.reduce(0) { $0 + $1.bytes }
            ),
            row("Build Cache", cachedSteps, 0, cacheBytes, cacheBytes, showsShare: false),
        ]
    }

    /// What images have too is counted there.
    private var cacheBytes: Int64 {
        cache.filter { !$0.isShared }.reduce(0) { $0 + $1.bytes }
    }

    private func row(
        _ type: String,
        _ total: Int,
        _ active: Int,
        _ bytes: Int64,
        _ reclaimable: Int64,
        showsShare: Bool = true
    ) -> [(name: String, value: String)] {
        var text = HumanSize.decimal(reclaimable)
        if bytes > 0, showsShare { text += " (\(reclaimable * 100 / bytes)%)" }
        return [
            ("Active", "\(active)"), ("Reclaimable", text), ("Size", HumanSize.decimal(bytes)),
            ("TotalCount", "\(total)"), ("Type", type),
        ]
    }

    /// The four sections of `df -v`.
    var details: [String] {
        ["Images space usage:", ""] + imageTable + ["", "Containers space usage:", ""]
            + containerTable + ["", "Local Volumes space usage:", ""]
            + Table(
                header: ["VOLUME NAME", "LINKS", "SIZE"],
                rows: volumes.map { [$0.name, "\($0.links)", HumanSize.decimal($0.bytes)] },
                minimumWidth: 10
            ).lines() + ["", "Build cache usage: \(HumanSize.decimal(cacheBytes))", ""]
            + Table(
                header: ["CACHE ID", "CACHE TYPE", "SIZE", "SHARED"],
                rows: cache.map {
                    [$0.layer.short, "regular", HumanSize.decimal($0.bytes), "\($0.isShared)"]
                },
                minimumWidth: 10
            ).lines()
    }

    private var imageTable: [String] {
        let rows = images.flatMap { item in
            ImageRow.rows(of: item.image, withDigests: false, truncates: true).map { row in
                var row = row
                row.sizes = (item.shared, item.containers)
                return row.fields
            }
        }
        let fields = [
            "Repository", "Tag", "ID", "CreatedSince", "Size", "SharedSize", "UniqueSize",
            "Containers",
        ]
        return Table(
            header: [
                "REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE",
                "CONTAINERS",
            ],
            rows: rows.map { row in fields.map { row[$0]?.printed ?? "" } },
            minimumWidth: 10
        ).lines()
    }

    private var containerTable: [String] {
        let fields = ["ID", "Image", "Command", "", "", "RunningFor", "Status", "Names"]
        let rows = containers.map { container, bytes in
            let row = ContainerRow(container, truncates: true).fields
            return fields.enumerated().map { index, field in
                switch index {
                case 3: "\(container.volumes.count)"
                case 4: HumanSize.decimal(bytes)
                default: row.first { $0.name == field }?.value ?? ""
                }
            }
        }
        return Table(
            header: [
                "CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS",
                "NAMES",
            ],
            rows: rows,
            minimumWidth: 10
        ).lines()
    }
}
