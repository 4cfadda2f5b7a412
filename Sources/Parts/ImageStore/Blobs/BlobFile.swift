import Glibc
import Linux
package import OCI
import SystemPackage

/// A blob of the store, open for reading by position: it stays readable whatever becomes of the
/// store.
package struct BlobFile: Sendable {
    package let size: Int64
    private let file: SharedFD
    private let subject: String

    fileprivate init(_ path: FilePath, subject: String) throws(SyscallError) {
        file = SharedFD(try openFile(path, O_RDONLY))
        self.subject = subject
        size = try file.with { file throws(SyscallError) in
            var status = stat()
            _ = try syscall("stat", on: subject) { fstat(file, &status) }
            return Int64(status.st_size)
        }
    }

    /// Exactly so many bytes from an offset, blocking.
    package func read(at offset: Int64, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...]
                )
                let more = try file.with { file throws(SyscallError) in
                    try syscall("read", on: subject) {
                        pread(file, rest.baseAddress, rest.count, off_t(offset) + off_t(filled))
                    }
                }
                guard more > 0 else {
                    throw ImageStoreError(subject: subject, .corrupt("its file became shorter"))
                }
                filled += more
            }
        }
    }
}

extension ImageStore {
    /// Opens a blob that is in the store.
    package func openBlob(_ digest: Digest) throws -> BlobFile {
        let subject = "blob \(digest)"
        do throws(SyscallError) {
            return try BlobFile(blobPath(digest), subject: subject)
        } catch {
            guard error.errno == ENOENT else { throw error }
            throw ImageStoreError(subject: subject, .missing)
        }
    }
}
