import Glibc
import Linux
package import OCI
import SystemPackage

extension ImageStore {
    /// Makes the gzip blob of a layer that was made here and came in none, blocking: the canonical
    /// tar, checked against the diffID, compressed, hashed and written in one pass. The blob becomes
    /// visible whole and synced, or not at all; hold the store until a record names it.
    ///
    /// `progress` is told how many bytes of the tar have passed, after each piece, and may throw to
    /// give up. Layers that were pulled are refused as by `writeTar`.
    package func compressLayer(
        _ diffID: Digest,
        progress: @escaping (Int64) throws -> Void = { _ in }
    ) throws -> Descriptor {
        try keepCompressed(diffID) { encoder in
            var passed: Int64 = 0
            _ = try writeTar(of: diffID) { bytes in
                try encoder.write(bytes)
                passed += Int64(bytes.count)
                try progress(passed)
            }
        }
    }

    /// Makes a gzip blob of a plain tar that lies in staging, blocking.
    func compress(_ tar: StagedBlob) throws -> Descriptor {
        try keepCompressed(tar.digest) { encoder in
            let source = try FileSource(tar.path)
            let buffer = UnsafeMutableRawBufferPointer.allocate(
                byteCount: 256 << 10,
                alignment: 64
            )
            defer { buffer.deallocate() }
            while true {
                let count = try source.read(into: buffer)
                if count == 0 { break }
                try encoder.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    private func keepCompressed(
        _ diffID: Digest,
        _ body: (GzipEncoder) throws -> Void
    ) throws -> Descriptor {
        let subject = "blob of layer \(diffID)"
        return try namingFullDisks(subject) {
            let blob = try writeCompressed(subject, body)
            try note(blob.digest, holds: diffID)
            return blob
        }
    }

    private func writeCompressed(
        _ subject: String,
        _ body: (GzipEncoder) throws -> Void
    ) throws -> Descriptor {
        let path = stagingPath("compressed")
        let file = SharedFD(try openFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600))
        do {
            let blob = WrittenBlob(file, subject: subject)
            let encoder = GzipEncoder(subject: subject) { try blob.append($0) }
            try body(encoder)
            try encoder.finish()
            let descriptor = Descriptor(
                mediaType: MediaType.ociLayerGzip,
                digest: blob.hash.finish(),
                size: blob.size
            )
            try file.with { file throws(SyscallError) in
                _ = try syscall("fsync", on: path.string) { fsync(file) }
            }
            try renamePath(path, to: blobPath(descriptor.digest))
            return descriptor
        } catch {
            try removeTree(path)
            throw error
        }
    }
}

/// A file that grows, hashed on the way.
private final class WrittenBlob {
    private let file: SharedFD
    private let subject: String
    var hash = SHA256()
    private(set) var size: Int64 = 0

    init(_ file: SharedFD, subject: String) {
        self.file = file
        self.subject = subject
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(SyscallError) {
        hash.update(bytes)
        size += Int64(bytes.count)
        try file.with { file throws(SyscallError) in
            var rest = bytes
            while !rest.isEmpty {
                let count = try syscall("write", on: subject) {
                    write(file, rest.baseAddress, rest.count)
                }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }
}
