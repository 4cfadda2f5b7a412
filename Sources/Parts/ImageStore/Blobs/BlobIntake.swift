import Glibc
import Linux
import OCI

/// A blob on its way into the store: what a file already holds of it and what a source still
/// brings, counted and hashed as it passes, and appended to the file.
final class BlobIntake {
    /// The source failed; what came before is good and worth keeping.
    struct Interrupted: Error { var cause: any Error }

    private let descriptor: Descriptor
    private let file: SharedFD
    private let stored: Int64
    private let source: any ByteSource
    private var hash = SHA256()
    /// How far it has come.
    private(set) var position: Int64 = 0

    /// `stored` bytes at the file's beginning are of the blob already; `source` brings the rest.
    init(_ descriptor: Descriptor, file: SharedFD, stored: Int64, source: any ByteSource) {
        self.descriptor = descriptor
        self.file = file
        self.stored = stored
        self.source = source
    }

    private var subject: String { "blob \(descriptor.digest)" }

    /// The next bytes, in the file and hashed; 0 is the end. One byte too many is an error at once.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count: Int
        if position < stored {
            count = try readStored(into: buffer)
        } else {
            do { count = try source.read(into: buffer) } catch { throw Interrupted(cause: error) }
            try append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }

    /// Takes everything in; `arrived` is told how far the file has come before that is hashed, so
    /// that somebody else can go on meanwhile.
    func readAll(_ arrived: (Int64) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        while position < stored {
            let count = try readStored(into: buffer)
            try arrived(position)
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        while true {
            let piece: ArraySlice<UInt8>
            do { piece = try source.next(atMost: buffer.count) } catch {
                throw Interrupted(cause: error)
            }
            if piece.isEmpty { return }
            try piece.withUnsafeBytes { bytes in
                try append(bytes)
                try arrived(position)
                hash.update(bytes)
            }
        }
    }

    private func readStored(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let wanted = Int(min(Int64(buffer.count), stored - position))
        let count = try file.with { file throws(SyscallError) in
            try syscall("read", on: subject) {
                pread(file, buffer.baseAddress, wanted, off_t(position))
            }
        }
        guard count > 0 else {
            throw ImageStoreError(subject: subject, .corrupt("its file became shorter"))
        }
        position += Int64(count)
        return count
    }

    private func append(_ bytes: UnsafeRawBufferPointer) throws(ImageStoreError) {
        let end = position + Int64(bytes.count)
        guard end <= descriptor.size else {
            throw ImageStoreError(
                subject: subject,
                .wrongSize(expected: descriptor.size, found: end)
            )
        }
        do throws(SyscallError) {
            try file.with { file throws(SyscallError) in
                var written = 0
                while written < bytes.count {
                    written += try syscall("write", on: subject) {
                        pwrite(
                            file,
                            bytes.baseAddress?.advanced(by: written),
                            bytes.count - written,
                            off_t(position) + off_t(written)
                        )
                    }
                }
            }
        } catch {
            throw ImageStoreError(subject: subject, failing: error, at: "its file")
        }
        position = end
    }

    /// Throws unless exactly the promised bytes have passed.
    func verify() throws(ImageStoreError) {
        guard position == descriptor.size else {
            throw ImageStoreError(
                subject: subject,
                .wrongSize(expected: descriptor.size, found: position)
            )
        }
        let found = hash.finish()
        guard found == descriptor.digest else {
            throw ImageStoreError(subject: subject, .wrongDigest(found: found))
        }
    }
}
