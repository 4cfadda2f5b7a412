import Glibc
package import Linux
package import OCI
package import SystemPackage

extension ImageStore {
    /// Whether a blob is in the store, whole.
    package func hasBlob(_ digest: Digest) -> Bool { exists(blobPath(digest)) }

    /// Where a blob is, or would be.
    package func blobPath(_ digest: Digest) -> FilePath { blobs.appending(digest.hex) }

    /// Reads a small blob whole; what does not have its digest any more is an error.
    package func readBlob(_ digest: Digest, limit: Int = 8 << 20) throws -> [UInt8] {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try readFile(blobPath(digest), limit: limit)
        } catch {
            let subject = "blob \(digest)"
            switch error.errno {
            case ENOENT: throw ImageStoreError(subject: subject, .missing)
            case EFBIG:
                throw ImageStoreError(subject: subject, .limit("larger than \(limit) bytes"))
            default: throw error
            }
        }
        let found = Digest.of(bytes)
        guard found == digest else {
            throw ImageStoreError(subject: "blob \(digest)", .wrongDigest(found: found))
        }
        return bytes
    }

    /// Keeps a small blob: a manifest, a configuration.
    @discardableResult
    package func writeBlob(_ bytes: [UInt8]) throws(SyscallError) -> Digest {
        let digest = Digest.of(bytes)
        if !hasBlob(digest) { try atomicWrite(bytes, to: blobPath(digest)) }
        return digest
    }

    /// Throws when a blob that is here has another size than a descriptor says. Its digest is right,
    /// so the descriptor is wrong, whoever wrote it.
    package func check(_ descriptor: Descriptor) throws(ImageStoreError) {
        guard let size = blobSize(descriptor.digest), size != descriptor.size else { return }
        throw ImageStoreError(
            subject: "blob \(descriptor.digest)",
            .wrongSize(expected: descriptor.size, found: size)
        )
    }

    /// The size of a blob in the store; nil when it is not there.
    package func blobSize(_ digest: Digest) -> Int64? {
        var status = stat()
        guard blobPath(digest).withPlatformString({ stat($0, &status) }) == 0 else { return nil }
        return Int64(status.st_size)
    }
}
