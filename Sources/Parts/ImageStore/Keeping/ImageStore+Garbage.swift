import Glibc
import Linux
package import OCI
import SystemPackage

/// What a collection removed.
package struct Reclaimed: Hashable, Sendable {
    package var blobs: [Digest] = []
    package var layers: [Digest] = []
    /// Of the blobs, the layers' tars, and what lay in staging, together.
    package var bytes: Int64 = 0
}

/// What images and containers need of a store.
package struct StoreRoots: Hashable, Sendable {
    package var blobs: Set<Digest>
    package var layers: Set<Digest>

    package init(blobs: Set<Digest> = [], layers: Set<Digest> = []) {
        self.blobs = blobs
        self.layers = layers
    }
}

extension ImageStore {
    /// Removes what nothing needs, and what interrupted work left in staging. `roots` is asked once
    /// nobody pulls or builds any more, so that the answer is whole. Nil, with nothing removed,
    /// while somebody does.
    package func collectGarbage(keeping roots: () throws -> StoreRoots) throws -> Reclaimed? {
        try alone {
            let kept = try roots()
            let garbage = try unneeded(keeping: kept)
            for digest in garbage.layers { try discard(layerFolder(digest)) }
            try removeStacks(withoutLayersIn: kept.layers)
            for digest in garbage.blobs { try removeTree(blobPath(digest)) }
            for path in try inStaging() { try removeTree(path) }
            _ = try removeAbandonedWrites(in: blobs)
            return garbage
        }
    }

    /// What a collection would remove, as far as can be said beside others' work.
    package func unneeded(keeping roots: StoreRoots) throws -> Reclaimed {
        var garbage = Reclaimed()
        for digest in try storedLayers() where !roots.layers.contains(digest) {
            // One without a record is half a layer, and counts for what is there.
            garbage.bytes +=
                (try? layerRecord(digest).size)
                ?? FolderSize.bytes(below: layerFolder(digest))
            garbage.layers.append(digest)
        }
        for digest in try storedBlobs() where !roots.blobs.contains(digest) {
            garbage.bytes += blobSize(digest) ?? 0
            garbage.blobs.append(digest)
        }
        for path in try inStaging() + abandonedWrites(in: blobs) {
            garbage.bytes += FolderSize.bytes(of: path)
        }
        return garbage
    }

    /// Every layer that is there.
    package func storedLayers() throws -> [Digest] {
        try folderEntries(layers).compactMap { Digest(hex: $0) }.sorted()
    }

    /// Every blob that is there.
    package func storedBlobs() throws -> [Digest] {
        try folderEntries(blobs).compactMap { Digest(hex: $0) }.sorted()
    }

    /// Removes a folder of the store, out of sight first: nobody may find half of it, not even when
    /// who removes it is killed.
    func discard(_ folder: FilePath) throws {
        let doomed = stagingPath("removed")
        do throws(SyscallError) {
            try renamePath(folder, to: doomed)
        } catch {
            // Two that found the same half are one too many.
            guard error.errno == ENOENT else { throw error }
            return
        }
        try removeTree(doomed)
    }

    /// The names in a folder of ours.
    func folderEntries(_ path: FilePath) throws(SyscallError) -> [String] {
        guard let stream = path.withPlatformString({ opendir($0) }) else {
            throw SyscallError(call: "opendir", subject: path.string, errno: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
