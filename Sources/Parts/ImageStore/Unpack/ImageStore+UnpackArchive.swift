import Glibc
package import Linux
import OCI
package import SystemPackage

/// What unpacking an archive learned about it.
package struct UnpackedFiles: Sendable {
    /// Folders that entries were put into but that the archive does not describe.
    package var implied: Set<FilePath>
}

extension ImageStore {
    /// Unpacks a tar, plain or compressed, into an empty folder of ours, as a layer would be: in the
    /// confined process, within the store's limits. Nil where the file is not an archive, whatever
    /// its name says; the folder is still empty then.
    package func unpackArchive(
        _ file: SharedFD,
        named name: String,
        into folder: FilePath
    ) async throws -> UnpackedFiles? {
        try await onOwnThread { () throws(any Error) in
            guard try Self.mayBeArchive(file, name) else { return nil }
            let directory = SharedFD(try openFile(folder, O_RDONLY | O_DIRECTORY))
            do {
                let layer = try namingFullDisks(name) {
                    try unpack(file, into: directory, name)
                }
                return UnpackedFiles(implied: Set(layer.implied.map(\.filePath)))
            } catch let error as ImageStoreError {
                guard case .notAnArchive = error.problem else { throw error }
                return nil
            }
        }
    }

    /// What the beginning of a file says of it.
    package enum ArchiveBeginning: Sendable {
        case archive
        /// Too short to say, or blocks of zeros, of which the tar of nothing consists.
        case unknown
        case other
    }

    /// Of a file that may still grow.
    package func beginning(
        of file: borrowing OwnedFD,
        named name: String
    ) throws(SyscallError) -> ArchiveBeginning {
        var bytes = [UInt8](repeating: 0, count: Self.longestOfNothing)
        let count = try file.with { fd throws(SyscallError) in
            try syscall("read", on: name) { pread(fd, &bytes, bytes.count, 0) }
        }
        return bytes.withUnsafeBytes { buffer in
            let start = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if Compression(firstBytes: start) != .none { return .archive }
            guard count >= TarHeader.size else { return .unknown }
            let header = TarHeader(UnsafeRawBufferPointer(rebasing: start[..<TarHeader.size]))
            if header.isZero {
                return count < Self.longestOfNothing && start.allSatisfy { $0 == 0 }
                    ? .unknown : .other
            }
            return (try? header.verify()) != nil ? .archive : .other
        }
    }

    /// So much of nothing no program writes.
    private static let longestOfNothing = 64 << 10

    /// Compressed, or a block that is a header of a tar.
    private static func mayBeArchive(
        _ file: SharedFD,
        _ name: String
    ) throws(SyscallError) -> Bool {
        try withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) {
            buffer throws(SyscallError) in
            let count = try file.with { fd throws(SyscallError) in
                try syscall("read", on: name) { pread(fd, buffer.baseAddress, 512, 0) }
            }
            let start = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if Compression(firstBytes: start) != .none { return true }
            guard count == TarHeader.size else { return false }
            let header = TarHeader(start)
            // A file that is not a tar is no error: it is copied.
            return !header.isZero && (try? header.verify()) != nil
        }
    }

    private func unpack(
        _ file: SharedFD,
        into directory: SharedFD,
        _ subject: String
    ) throws -> UnpackedLayer {
        var limits = try limits.bounded(by: directory, of: subject)
        limits.hasWhiteouts = false
        guard case .confined(let program) = unpacking else {
            let source = FileSource(file, subject: subject, isFile: true)
            return try unpackLayer(
                try LayerStream(
                    { try source.read(into: $0) },
                    subject: subject,
                    limits: limits
                ),
                into: directory,
                subject: subject,
                limits: limits,
                isUmaskClear: false
            )
        }
        let size = try file.with { fd throws(SyscallError) in
            var status = stat()
            _ = try syscall("stat", on: subject) { fstat(fd, &status) }
            return Int64(status.st_size)
        }
        let unpacker = try UnpackerProcess(
            program,
            slot: UnpackSlotRequest(size: size).take(),
            blob: file,
            directory: directory,
            subject: subject,
            limits: limits
        )
        _ = try unpacker.tell(size, isWhole: true)
        return try unpacker.finish()
    }
}
