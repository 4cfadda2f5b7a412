import Builder
import ImageStore
import Linux
import OCI
import SystemPackage

/// What everything of berth takes on disk.
package struct DiskUsage: Sendable {
    /// Every image.
    package private(set) var images: [Image] = []
    /// Every container, with what it has written over its image.
    package private(set) var containers: [(container: ObservedContainer, bytes: Int64)] = []
    /// Every volume.
    package private(set) var volumes: [Volume] = []
    /// What the build cache holds.
    package private(set) var cache: [BuildCacheItem] = []
    /// All layers of images, each once.
    package private(set) var layerBytes: Int64 = 0
    /// What images came as and are pushed as, besides their layers.
    package private(set) var blobBytes: Int64 = 0
    /// The part of that which images have that containers are made of.
    package private(set) var usedBlobBytes: Int64 = 0
    /// What pulls that were cut short and removed images left, until a prune takes it.
    package private(set) var leftBytes: Int64 = 0

    /// One volume.
    package struct Volume: Sendable {
        /// As it is written down.
        package var volume: VolumeRecord
        /// What containers see of it.
        package var path: String
        /// How many containers have it.
        package var links: Int
        /// What its files hold.
        package var bytes: Int64
    }

    /// One image.
    package struct Image: Sendable {
        /// The image itself.
        package var image: KnownImage
        /// What other images have too.
        package var shared: Int64
        /// How many containers are made of it.
        package var containers: Int

        /// What no other image has; a layer that was lost takes no room.
        package var ownBytes: Int64 { image.layerBytes.compactMap(\.self).reduce(0, +) - shared }
    }

    /// Nothing at all, as on a machine on which nothing was ever done.
    package init() {}

    init(of engine: Engine) async throws {
        let observed = try await engine.observe(project: nil)
        try await count(engine.knownImages(), observed.containers, engine)
        cache = try await engine.buildCacheItems()
        let left = try await engine.imageGarbage()
        leftBytes = left.bytes
        try countBlobs(besides: Set(left.blobs), in: engine.imageStore)
        for container in observed.containers {
            containers.append((container, try await engine.writtenBytes(of: container.record.id)))
        }
        let uses = Dictionary(grouping: observed.containers.flatMap(\.volumes), by: \.volume)
        for volume in observed.volumes {
            let bytes = try await engine.bytes(ofVolume: volume.name)
            volumes.append(
                Volume(
                    volume: volume,
                    path: engine.layout.volumeData(volume.name).string,
                    links: uses[volume.name]?.count ?? 0,
                    bytes: bytes
                )
            )
        }
    }

    private mutating func count(
        _ known: [KnownImage],
        _ containers: [ObservedContainer],
        _ engine: Engine
    ) throws {
        let store = engine.imageStore
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
}

extension Engine {
    /// What everything takes on the disk.
    package func diskUsage() async throws -> DiskUsage { try await DiskUsage(of: self) }
}
