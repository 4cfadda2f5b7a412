import Glibc
import Linux
package import OCI
package import SystemPackage

extension ImageStore {
    /// Whether a layer is in the store, unpacked; named by the digest of its tar file.
    package func hasLayer(_ diffID: Digest) -> Bool { exists(layerFolder(diffID)) }

    /// The directory to be used as overlay's lower. Never write into it.
    package func layerPath(_ diffID: Digest) -> FilePath { layerFolder(diffID).appending("fs") }

    /// What is known about an unpacked layer.
    package func layerRecord(_ diffID: Digest) throws -> LayerRecord {
        do {
            let bytes = try readFile(layerFolder(diffID).appending("record"), limit: 1 << 16)
            return try OCIJSON.decode(
                LayerRecord.self,
                from: bytes,
                limit: 1 << 16,
                subject: "record of layer \(diffID)"
            )
        } catch let error as SyscallError where error.errno == ENOENT {
            throw ImageStoreError(subject: "layer \(diffID)", .missing)
        }
    }

    /// What a layer's files hold: Docker's size of a layer.
    package func contentBytes(of diffID: Digest) throws -> Int64 {
        try layerRecord(diffID).contentBytes ?? FolderSize.bytes(below: layerPath(diffID))
    }

    /// Whether a blob has been unpacked to a layer that is here. That both are here says nothing yet:
    /// an image may claim any layer for its blob.
    func isKnown(_ blob: Digest, toHold diffID: Digest) -> Bool {
        blob == diffID ? hasLayer(diffID) : exists(mark(blob, in: diffID))
    }

    /// Notes that a blob was unpacked to a layer that is here. It stays true whatever becomes of the
    /// blob; what is lost of it is found out again.
    func note(_ blob: Digest, holds diffID: Digest) throws(SyscallError) {
        guard !isKnown(blob, toHold: diffID) else { return }
        _ = try openFile(mark(blob, in: diffID), O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600)
    }

    private func mark(_ blob: Digest, in diffID: Digest) -> FilePath {
        layerFolder(diffID).appending("blob-\(blob.hex)")
    }

    func layerFolder(_ diffID: Digest) -> FilePath { layers.appending(diffID.hex) }

    /// Directories that a layer puts entries into without describing them.
    func impliedPaths(of diffID: Digest) throws -> [EntryPath] {
        let path = layerFolder(diffID).appending("implied")
        guard let bytes = try readFileIfThere(path, limit: 1 << 30) else { return [] }
        return try EntryPath.paths(in: bytes)
    }

    /// Gives a finished layer, a folder in staging that has `fs` and nothing else, its place. A
    /// second one of the same content is dropped.
    func publish(
        _ diffID: Digest,
        staged: FilePath,
        record: LayerRecord,
        implied: [EntryPath]
    ) throws {
        try atomicWrite(try OCIJSON.encode(record), to: staged.appending("record"), synced: false)
        if !implied.isEmpty {
            let list = Array(EntryPath.list(implied))
            try atomicWrite(list, to: staged.appending("implied"), synced: false)
        }
        let folder = SharedFD(try openFile(staged, O_RDONLY | O_DIRECTORY))
        // One call for thousands of files, and for the blob.
        try folder.syncFileSystem(subject: staged.string)
        do throws(SyscallError) {
            try renamePath(staged, to: layerFolder(diffID))
        } catch {
            guard error.errno == EEXIST || error.errno == ENOTEMPTY else { throw error }
            try removeTree(staged)
        }
    }

    /// Writes the canonical tar of a layer that a build made; its digest is the diffID.
    ///
    /// Layers that were pulled have their original blobs instead, and are refused.
    package func writeTar(
        of diffID: Digest,
        to sink: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int64 {
        let subject = "layer \(diffID)"
        guard try layerRecord(diffID).isCanonical else {
            throw ImageStoreError(
                subject: subject,
                .notALayer("it was not made here; use the blob it came in")
            )
        }
        let folder = SharedFD(try openFile(layerPath(diffID), O_RDONLY | O_DIRECTORY))
        var archive = LayerArchive(subject: subject, to: sink)
        let (found, size) = try archive.write(folder)
        guard found == diffID else {
            throw ImageStoreError(subject: subject, .wrongDiffID(expected: diffID, found: found))
        }
        return size
    }

    /// Makes a build step's overlay upper directory a layer, by rename: it has to be on the store's
    /// file system, and no longer mounted. Hold the store while the image is not yet recorded.
    ///
    /// An empty directory is a layer too. Gives the diffID and the size of the canonical tar.
    package func adoptLayer(_ upper: FilePath) throws -> (diffID: Digest, size: Int64) {
        let subject = "layer of \(upper)"
        let folder = SharedFD(try openFile(upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
        var archive = LayerArchive(subject: subject)
        let (diffID, size) = try archive.write(folder)
        guard !hasLayer(diffID) else {
            try removeTree(upper)
            return (diffID, size)
        }
        try namingFullDisks(subject) {
            let staged = stagingPath("adopted")
            try makeDirectories(staged)
            do {
                try renamePath(upper, to: staged.appending("fs"))
                let record = LayerRecord(
                    size: size,
                    contentBytes: archive.contentBytes,
                    isCanonical: true,
                    isRootOpaque: false
                )
                // As it would be after a push and a pull.
                let implied = archive.describesRoot ? [] : [EntryPath.root]
                try publish(diffID, staged: staged, record: record, implied: implied)
            } catch {
                try removeTree(staged)
                throw error
            }
        }
        return (diffID, size)
    }
}
