import Glibc
import Linux
package import OCI
import SystemPackage

extension ImageStore {
    /// Makes a layer of a plain tar, whose digest is its diffID. Hold the store while the image is
    /// not yet recorded.
    ///
    /// The tar is kept only where it cannot be made again from the layer's files, and then
    /// compressed: the descriptor is that of the blob, or of the tar that `writeTar` makes.
    package func addLayer(_ tar: StagedBlob) async throws -> Descriptor {
        let plain = Descriptor(
            mediaType: MediaType.ociLayer,
            digest: tar.digest,
            size: tar.size
        )
        let lease = try await lease(plain, diffID: tar.digest)
        return try await onOwnThread { () throws(any Error) in
            try lease.unpack(tar)
            guard try isCanonical(tar.digest) else { return try compress(tar) }
            return plain
        }
    }

    /// Whether a layer's tar can be made again from its files, blocking; found out where it is not known
    /// to be so.
    package func isCanonical(_ diffID: Digest) throws -> Bool {
        var record = try layerRecord(diffID)
        if record.isCanonical { return true }
        let subject = "layer \(diffID)"
        let folder = SharedFD(try openFile(layerPath(diffID), O_RDONLY | O_DIRECTORY))
        var archive = LayerArchive(subject: subject)
        let found: Digest
        do {
            found = try archive.write(folder).digest
        } catch is ImageStoreError {
            // It has what a tar of ours cannot express.
            return false
        }
        guard found == diffID else { return false }
        record.isCanonical = true
        // What is lost of this is found out again.
        let path = layerFolder(diffID).appending("record")
        try atomicWrite(try OCIJSON.encode(record), to: path, synced: false)
        return true
    }
}
