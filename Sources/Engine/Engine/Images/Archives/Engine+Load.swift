import GRDB
package import ImageStore
import Linux
import Logging
package import OCI

/// An image that was loaded from an archive.
package struct LoadedImage: Hashable, Sendable {
    package var id: Digest
    /// The names that lead to it now.
    package var names: [ImageReference]
    /// Names that led to other images before.
    package var moved: [Moved]

    /// A name that pointed to another image before.
    package struct Moved: Hashable, Sendable {
        package var name: ImageReference
        package var before: Digest
    }
}

/// A layer on its way from an archive into the store.
package struct LoadProgress: Hashable, Sendable {
    package var diffID: Digest
    package var size: Int64
    package var isDone: Bool
}

extension Engine {
    /// Takes every image of an archive, verified and unpacked, and gives it its names. Either all
    /// of them have their records afterwards or none, and nothing of a refused archive is left.
    package func loadImages(
        from origin: ArchiveOrigin,
        platform: Platform? = nil,
        progress: @escaping @Sendable (LoadProgress) -> Void = { _ in }
    ) async throws -> [LoadedImage] {
        try await leavingNothing {
            let hold = try await imageStore.hold()
            let images = try await onOwnThread { [imageStore] in
                try imageStore.readArchive(origin, platform: platform)
            }
            if let image = images.first(where: { !$0.configuration.platform.hasOurSystem }) {
                let system = image.configuration.platform.os
                throw EngineError(
                    .invalid,
                    "cannot load \(image.names.first?.familiar ?? "\(image.id)") from \(origin)",
                    because: "image operating system \"\(system)\" cannot be used on this platform",
                    remedy: "choose an archive of images for \(Platform.host.os)"
                )
            }
            do {
                try await bring(images, progress)
            } catch let error as ImageStoreError {
                throw EngineError(.invalid, "cannot load \(origin)", because: "\(error)")
            }
            let loaded = try await record(images)
            return withExtendedLifetime(hold) { loaded }
        }
    }

    /// Does something that holds the store while it works. When it fails, what nobody needs is
    /// removed, unless others are at work in the store.
    func leavingNothing<R>(_ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch {
            do {
                try await collectImageGarbage()
            } catch let second {
                // The first cause is what the user must hear; the next collection finds the rest.
                logger.debug("cannot collect what is left: \(second)")
            }
            throw error
        }
    }

    private func bring(
        _ images: [ArchivedImage],
        _ progress: @escaping @Sendable (LoadProgress) -> Void
    ) async throws {
        let imageStore = imageStore
        var seen: Set<ImageRecord.Layer> = []
        let layers = images.flatMap(\.layers).filter { layer in
            seen.insert(.init(diffID: layer.diffID, blob: layer.blob.digest)).inserted
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, layer) in layers.enumerated() {
                // Unpacking is work for the processor: a few at a time.
                if index >= 4 { try await group.next() }
                group.addTask {
                    let isNew = !imageStore.hasLayer(layer.diffID)
                    let size = layer.blob.size
                    if isNew {
                        progress(.init(diffID: layer.diffID, size: size, isDone: false))
                    }
                    try await imageStore.bring(
                        layer.blob,
                        diffID: layer.diffID,
                        from: layer.content
                    )
                    if isNew { progress(.init(diffID: layer.diffID, size: size, isDone: true)) }
                }
            }
            try await group.waitForAll()
        }
        try await blocking { () throws(any Error) in
            // After the layers: whoever finds a manifest may count on what it lists.
            for image in images {
                try imageStore.writeBlob(image.configurationBytes)
                try imageStore.writeBlob(image.manifest)
            }
        }
    }

    private func record(_ images: [ArchivedImage]) async throws -> [LoadedImage] {
        let records = try images.map { image in
            ImageRecord(
                id: image.id,
                manifest: .of(image.manifest),
                configuration: image.configurationBytes,
                layers: image.layers.map { .init(diffID: $0.diffID, blob: $0.blob.digest) },
                sizeBytes: try image.layers.reduce(0) {
                    try $0 + imageStore.layerRecord($1.diffID).size
                },
                recordedAt: .now()
            )
        }
        return try await store.write { db in
            try zip(images, records).map { image, record in
                var loaded = LoadedImage(id: record.id, names: [], moved: [])
                try record.insertUnlessKnown(db)
                var seen: Set<ImageReference> = []
                for name in image.names where seen.insert(name).inserted {
                    loaded.names.append(name)
                    let before = try db.texts(
                        "SELECT image FROM imageNames WHERE reference = ?",
                        [name.resolvable.description]
                    ).first.flatMap { Digest($0) }
                    // It keeps the manifest it came by, which its digests name.
                    if before == record.id { continue }
                    if let before { loaded.moved.append(.init(name: name, before: before)) }
                    try ImageName.point(name, to: record, db)
                }
                try EventRecord.note("load", image: "\(record.id)", db)
                return loaded
            }
        }
    }
}
