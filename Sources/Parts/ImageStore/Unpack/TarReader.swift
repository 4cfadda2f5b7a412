import CArchive
import Glibc

/// Reads the entries of a tar (ustar, PAX, GNU) through libarchive.
final class TarReader {
    private let archive: OpaquePointer
    private let stream: LayerStream
    private let subject: String

    init(_ stream: LayerStream, subject: String) throws {
        guard let archive = archive_read_new() else {
            throw ImageStoreError(subject: subject, .corrupt("no memory for the archive"))
        }
        self.archive = archive
        self.stream = stream
        self.subject = subject
        archive_read_support_format_tar(archive)
        archive_read_support_format_empty(archive)
        let code = archive_read_open(
            archive,
            Unmanaged.passUnretained(stream).toOpaque(),
            nil,
            { _, stream, buffer in
                guard let stream else { return -1 }
                let reader = Unmanaged<LayerStream>.fromOpaque(stream).takeUnretainedValue()
                do {
                    guard let bytes = try reader.next() else { return 0 }
                    buffer?.pointee = bytes.baseAddress
                    return bytes.count
                } catch {
                    reader.failure = error
                    return -1
                }
            },
            nil
        )
        try check(code)
    }

    deinit { archive_read_free(archive) }

    /// The next entry; nil at the archive's end.
    func next() throws -> TarEntry? {
        var entry: OpaquePointer?
        let code = archive_read_next_header(archive, &entry)
        if code == ARCHIVE_EOF { return nil }
        // A warning: libarchive could not convert a name to the locale's character set. Names are
        // bytes here, and it keeps them.
        try check(code)
        guard let entry, let name = archive_entry_pathname(entry) else {
            throw ImageStoreError(subject: subject, .corrupt("an entry has no name"))
        }
        return TarEntry(
            name: Self.bytes(name),
            kind: kind(of: entry),
            mode: archive_entry_mode(entry) & 0o7777,
            owner: archive_entry_uid(entry),
            group: archive_entry_gid(entry),
            modified: (archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)),
            size: archive_entry_size(entry),
            attributes: attributes(of: entry)
        )
    }

    /// Gives the current entry's content piece by piece: bytes and their offset in the file.
    func readContent(_ body: (UnsafeRawBufferPointer, Int64) throws -> Void) throws {
        var start: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        while true {
            let code = archive_read_data_block(archive, &start, &count, &offset)
            if code == ARCHIVE_EOF { return }
            try check(code)
            if count > 0 { try body(UnsafeRawBufferPointer(start: start, count: count), offset) }
        }
    }

    private func kind(of entry: OpaquePointer) -> TarEntry.Kind {
        if let target = archive_entry_hardlink(entry) {
            return .hardLink(target: Self.bytes(target))
        }
        switch mode_t(archive_entry_filetype(entry)) {
        case S_IFREG: return .file
        case S_IFDIR: return .directory
        case S_IFIFO: return .fifo
        case S_IFLNK:
            return .symbolicLink(target: archive_entry_symlink(entry).map(Self.bytes) ?? [])
        case let type where type == S_IFCHR || type == S_IFBLK:
            return .device(
                isBlock: type == S_IFBLK,
                major: UInt32(truncatingIfNeeded: archive_entry_rdevmajor(entry)),
                minor: UInt32(truncatingIfNeeded: archive_entry_rdevminor(entry))
            )
        default: return .other
        }
    }

    private func attributes(of entry: OpaquePointer) -> [(name: String, value: [UInt8])] {
        var result: [(name: String, value: [UInt8])] = []
        archive_entry_xattr_reset(entry)
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var count = 0
        while archive_entry_xattr_next(entry, &name, &value, &count) == ARCHIVE_OK {
            guard let name else { continue }
            let bytes = [UInt8](UnsafeRawBufferPointer(start: value, count: count))
            result.append((String(cString: name), bytes))
        }
        return result
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    private func check(_ code: Int32) throws {
        if let failure = stream.failure { throw failure }
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN else {
            let words = archive_error_string(archive).map { String(cString: $0) }
            throw ImageStoreError(subject: subject, .corrupt(words ?? "not a tar archive"))
        }
    }
}
