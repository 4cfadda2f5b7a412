package import ImageStore
package import OCI

extension ImageRecord {
    /// Whether everything that it was pulled as is in the store: its manifest, every blob, and every
    /// layer unpacked.
    func isComplete(in store: ImageStore) -> Bool {
        guard let manifest, store.hasBlob(manifest) else { return false }
        return layers.allSatisfy { layer in
            store.hasLayer(layer.diffID) && layer.blob.map(store.hasBlob) == true
        }
    }

    /// The manifest that it came by, to make another image or an archive of: what it says of blobs
    /// is compared with those that are here. `task` is what errors say cannot be done.
    package func manifest(
        in store: ImageStore,
        for task: String
    ) throws -> (document: ManifestDocument, manifest: Manifest) {
        func refused(_ reason: String) -> EngineError {
            EngineError(.state, "cannot \(task)", because: reason, remedy: "pull or build it again")
        }
        guard let digest = manifest else { throw refused("image \(id) has no manifest") }
        let document = try ManifestDocument(bytes: store.readBlob(digest))
        guard case .manifest(let manifest) = document.content else {
            throw refused("image \(id) is recorded with an index")
        }
        for descriptor in [manifest.config] + manifest.layers {
            do throws(ImageStoreError) {
                try store.check(descriptor)
            } catch {
                throw refused("its manifest \(digest) is wrong: \(error)")
            }
        }
        return (document, manifest)
    }
}
