import ImageStore

extension ImageRecord {
    /// Whether everything that it was pulled as is in the store: its manifest, every blob, and every
    /// layer unpacked.
    func isComplete(in store: ImageStore) -> Bool {
        guard let manifest, store.hasBlob(manifest) else { return false }
        return layers.allSatisfy { layer in
            store.hasLayer(layer.diffID) && layer.blob.map(store.hasBlob) == true
        }
    }
}
