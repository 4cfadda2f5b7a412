import Glibc
package import Linux
package import OCI
package import SystemPackage

/// A file in staging that was hashed while it was written. It goes with the object, unless the
/// store has taken it for its own.
package final class StagedBlob: Sendable {
    let path: FilePath
    package let digest: Digest
    package let size: Int64

    init(path: FilePath, digest: Digest, size: Int64) {
        self.path = path
        self.digest = digest
        self.size = size
    }

    deinit {
        // What the store took is no longer there; what stays is garbage collection's.
        _ = path.withPlatformString { unlink($0) }
    }

    /// All of it, when it is no larger than it may be.
    func bytes(limit: Int, subject: String) throws -> [UInt8] {
        guard size <= limit else {
            throw ImageStoreError(subject: subject, .limit("larger than \(limit) bytes"))
        }
        return try readFile(path, limit: limit)
    }

    /// How it is compressed, by its first bytes.
    func compression() throws -> Compression {
        let start = try openFile(path, O_RDONLY).readSome(upTo: TarHeader.size)
        return start.withUnsafeBytes { Compression(firstBytes: $0) }
    }
}

/// Writes a blob into staging and hashes it on the way.
final class BlobStaging {
    private let file: SharedFD
    private let path: FilePath
    private let subject: String
    private let limit: Int64
    private var hash = SHA256()
    private var size: Int64 = 0
    private var isFinished = false

    /// `limit` is what it may hold, in bytes.
    init(in store: ImageStore, subject: String, limit: Int64) throws(SyscallError) {
        path = store.stagingPath("spool")
        file = SharedFD(try openFile(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600))
        self.subject = subject
        self.limit = limit
    }

    deinit {
        if !isFinished { _ = path.withPlatformString { unlink($0) } }
    }

    /// Throws when so many bytes would be too many.
    func expect(_ size: Int64) throws(ImageStoreError) {
        guard size <= limit else {
            throw ImageStoreError(
                subject: subject,
                .limit(
                    "it holds more than the \(limit) bytes that it may take: 64 MiB of the disk "
                        + "stay free for the records"
                )
            )
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        size += Int64(bytes.count)
        try expect(size)
        hash.update(bytes)
        do throws(SyscallError) {
            try file.with { file throws(SyscallError) in
                var written = 0
                while written < bytes.count {
                    written += try syscall("write", on: subject) {
                        Glibc.write(
                            file,
                            bytes.baseAddress?.advanced(by: written),
                            bytes.count - written
                        )
                    }
                }
            }
        } catch {
            throw ImageStoreError(subject: subject, failing: error, at: path.string)
        }
    }

    /// Nothing may be written afterwards.
    func finish() -> StagedBlob {
        isFinished = true
        return StagedBlob(path: path, digest: hash.finish(), size: size)
    }
}

extension ImageStore {
    /// How many bytes may still come in; a little is left for others.
    func freeSpace() throws(SyscallError) -> Int64 {
        var space = statvfs()
        _ = try syscall("statvfs", on: staging.string) {
            staging.withPlatformString { statvfs($0, &space) }
        }
        return max(Int64(clamping: space.f_bavail &* space.f_frsize) - (64 << 20), 1 << 20)
    }

    /// Takes a stream to its end, decompressed if need be. `subject` names it in errors.
    package func stage(_ source: any ByteSource, subject: String) throws -> StagedBlob {
        let staging = try BlobStaging(in: self, subject: subject, limit: try freeSpace())
        let input = InputBuffer { try source.read(into: $0) }
        let decoder = try Compression.decoder(input, subject: subject)
        while let bytes = try decoder.next() { try staging.write(bytes) }
        let blob = staging.finish()
        guard blob.size > 0 else {
            throw ImageStoreError(subject: subject, .refused("it is empty"))
        }
        return blob
    }

    /// Writes an overlay upper directory down as a layer's canonical tar; the directory stays. Nil
    /// is one that was never made: nothing has changed.
    package func stageTar(of upper: FilePath?, times: FileTimes = .kept) throws -> StagedBlob {
        let subject = upper.map { "layer of \($0)" } ?? "empty layer"
        let staging = try BlobStaging(in: self, subject: subject, limit: try freeSpace())
        guard let upper else {
            var writer = TarWriter(staging.write)
            try writer.finish()
            return staging.finish()
        }
        let folder = SharedFD(try openFile(upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW))
        var archive = LayerArchive(subject: subject, times: times, to: staging.write)
        _ = try archive.write(folder)
        return staging.finish()
    }

    /// Writes everything beneath an open folder as a canonical tar. `isLayer` is false for one in
    /// which no name means a deletion.
    package func writeTree(
        _ folder: SharedFD,
        subject: String,
        isLayer: Bool = true,
        times: FileTimes = .kept,
        to sink: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var archive = LayerArchive(subject: subject, isLayer: isLayer, times: times, to: sink)
        _ = try archive.write(folder)
    }

    /// Writes one thing of a folder, with everything in it, as a plain tar in which it has a path of
    /// its own, with the numbers of owners that the container knows. `name` ends with a NUL.
    package func writeEntry(
        _ name: [CChar],
        of folder: SharedFD,
        as path: [UInt8],
        subject: String,
        shift: IdentifierShift,
        to sink: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var archive = LayerArchive(subject: subject, isLayer: false, to: sink)
        archive.shift = shift
        try archive.write(name, of: folder, as: path)
    }

    /// Brings in a layer whose blob lies in staging, or in the store already when nil.
    package func bring(
        _ descriptor: Descriptor,
        diffID: Digest,
        from staged: StagedBlob?
    ) async throws {
        let lease = try await lease(descriptor, diffID: diffID)
        guard lease.need != .nothing else { return }
        try await onOwnThread { () throws(any Error) in
            if let staged { try lease.offer(staged) }
            try lease.complete()
        }
    }
}
