import Builder
import Engine
import GoTemplate
import ImageStore
import OCI
import SystemPackage

/// What everything of berth takes on disk.
struct DiskUseReport {
    private(set) var images: [Image] = []
    private(set) var containers: [(container: ObservedContainer, bytes: Int64)] = []
    private(set) var volumes: [Volume] = []
    /// Layers that build steps made, and whether an image has them too.
    private(set) var cache: [(layer: Digest, bytes: Int64, isShared: Bool)] = []
    /// All layers of images, each once.
    private var layerBytes: Int64 = 0
    /// What images came as and are pushed as, besides their layers: the blobs of all images, and of
    /// those that containers have.
    private(set) var blobBytes: Int64 = 0
    private var usedBlobBytes: Int64 = 0
    private var cachedSteps = 0
    /// What pulls that were cut short and removed images left, until a prune takes it.
    private(set) var leftBytes: Int64 = 0

    struct Volume {
        var volume: VolumeRecord
        var path: String
        var links: Int
        var bytes: Int64
    }

    struct Image {
        var image: KnownImage
        var shared: Int64
        var containers: Int

        /// What no other image has; a layer that was lost takes no room.
        var ownBytes: Int64 { image.layerBytes.compactMap(\.self).reduce(0, +) - shared }
    }

    /// Nothing at all for a machine on which nothing was ever done.
    init(of session: Session?) async throws {
        guard let session else { return }
        let observed = try await session.engine.observe(project: nil)
        try await count(KnownImage.all(in: session), observed.containers, session)
        let left = try await session.engine.imageGarbage(keeping: session.cacheRoots)
        leftBytes = left.bytes
        try countBlobs(besides: Set(left.blobs), in: session.engine.imageStore)
        for container in observed.containers {
            containers.append(
                (container, try await session.engine.writtenBytes(of: container.record.id))
            )
        }
        let uses = Dictionary(grouping: observed.containers.flatMap(\.volumes), by: \.volume)
        for volume in observed.volumes {
            let bytes = try await session.engine.bytes(ofVolume: volume.name)
            volumes.append(
                Volume(
                    volume: volume,
                    path: session.layout.volumeData(volume.name).string,
                    links: uses[volume.name]?.count ?? 0,
                    bytes: bytes
                )
            )
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
            for layer in Set(image.record.layers.map(\.diffID)) { owners[layer, default: 0] += 1 }
        }
        var sizes: [Digest: Int64] = [:]
        // A layer that was lost since takes no room.
        for layer in owners.keys { sizes[layer] = try? store.contentBytes(of: layer) }
        layerBytes = sizes.values.reduce(0, +)
        images = known.map { image in
            let layers = Set(image.record.layers.map(\.diffID))
            let shared = layers.filter { owners[$0, default: 0] > 1 }
            return Image(
                image: image,
                shared: shared.reduce(0) { $0 + (sizes[$1] ?? 0) },
                containers: containers.count { $0.record.image == image.record.id }
            )
        }
        let inventory = BuildCacheInventory(below: session.layout.buildCache)
        cachedSteps = try inventory.count()
        for layer in try inventory.layers().sorted() where store.hasLayer(layer) {
            cache.append((layer, try store.contentBytes(of: layer), owners[layer] != nil))
        }
    }

    private mutating func countBlobs(besides left: Set<Digest>, in store: ImageStore) throws {
        let used = Set(images.filter { $0.containers > 0 }.flatMap(\.image.blobs))
        for digest in try store.storedBlobs() where !left.contains(digest) {
            // One that another command removed meanwhile takes no room.
            let bytes = store.blobSize(digest) ?? 0
            blobBytes += bytes
            if used.contains(digest) { usedBlobBytes += bytes }
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
        let usedBytes = usedImages.reduce(0) { $0 + $1.ownBytes }
        let idle = containers.filter { !Self.isActive($0.container) }
        let unused = volumes.filter { $0.links == 0 }
        return [
            row(
                "Images",
                images.count,
                usedImages.count,
                layerBytes + blobBytes + leftBytes,
                max(0, layerBytes - usedBytes) + blobBytes - usedBlobBytes + leftBytes
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
    var cacheBytes: Int64 {
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
}
