import Builder
import GRDB
package import ImageStore
import Linux
import OCI

extension Engine {
    /// Removes the blobs and layers that neither an image nor the build cache needs, and what
    /// interrupted pulls left. nil, with nothing removed, while somebody pulls, builds or saves.
    @discardableResult
    package func collectImageGarbage() async throws -> Reclaimed? {
        let imageStore = imageStore
        let reclaimed = try await blocking {
            // Asked under the store's lock: an image that is recorded after this has not begun to
            // arrive yet.
            try imageStore.collectGarbage { try neededRoots() }
        }
        if reclaimed?.blobs.isEmpty == false {
            let left = Set(try imageStore.storedBlobs())
            try await store.writeEnd { db in try BlobSources.forget(except: left, db) }
        }
        return reclaimed
    }

    /// What a collection would remove, and what is on its way at this moment.
    package func imageGarbage() async throws -> Reclaimed {
        let imageStore = imageStore
        return try await blocking { try imageStore.unneeded(keeping: neededRoots()) }
    }

    private func neededRoots() throws -> StoreRoots {
        var roots = try store.readBlocking { db in try StoreRoots(recordedIn: db) }
        let indexes = try store.readBlocking { db in
            Set(try ImageRecord.every(db).compactMap(\.index))
        }
        try roots.addAttestations(of: indexes, in: imageStore)
        let mounted = try mountedRoots()
        roots.blobs.formUnion(mounted.blobs)
        roots.layers.formUnion(mounted.layers)
        roots.layers.formUnion(try buildCache.layers())
        return roots
    }
}

extension StoreRoots {
    /// Adds what indexes list beside images and is here: statements that builds have made.
    fileprivate mutating func addAttestations(
        of indexes: Set<Digest>,
        in store: ImageStore
    ) throws {
        for digest in indexes where store.hasBlob(digest) {
            let document = try ManifestDocument(bytes: store.readBlob(digest))
            guard case .index(let index) = document.content else { continue }
            for entry in index.manifests where entry.isAttestation {
                let listed = try entry.attestationBlobs(in: store) ?? []
                blobs.formUnion(listed.map(\.digest))
            }
        }
    }

    fileprivate init(recordedIn db: Database) throws {
        self.init()
        for image in try ImageRecord.every(db) {
            // The indexes are those that images came with, which a push needs again.
            blobs.formUnion([image.id, image.manifest, image.index].compactMap(\.self))
            layers.formUnion(image.layers.map(\.diffID))
            blobs.formUnion(image.layers.compactMap(\.blob))
        }
        for name in try db.texts("SELECT reference FROM imageNames WHERE reference LIKE '%@%'") {
            if let digest = name.split(separator: "@").last.flatMap({ Digest(String($0)) }) {
                blobs.insert(digest)
            }
        }
    }
}
