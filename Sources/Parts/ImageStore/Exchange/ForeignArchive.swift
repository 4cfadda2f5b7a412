import CArchive
import Glibc

/// A tar that another program wrote, read through libarchive entry by entry: plain, or compressed
/// with gzip, bzip2, xz or zstd, which its first bytes tell.
///
/// `.content` instead takes the stream as one file, decompressed.
final class ForeignArchive {
    enum Form { case tar, content }

    /// One entry of the archive.
    struct Entry {
        /// As it is written.
        var name: [UInt8]
        var kind: Kind

        enum Kind: Equatable {
            case file
            case folder
            case symbolicLink(target: [UInt8])
            case hardLink(target: [UInt8])
            case other
        }
    }

    private let archive: OpaquePointer
    private let feed: Feed
    private let subject: String
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)

    /// What libarchive's callback needs.
    private final class Feed {
        let source: any ByteSource
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        var failure: (any Error)?

        init(_ source: any ByteSource) { self.source = source }
        deinit { memory.deallocate() }
    }

    init(_ source: any ByteSource, as form: Form, subject: String) throws {
        guard let archive = archive_read_new() else {
            throw ImageStoreError(subject: subject, .corrupt("no memory for the archive"))
        }
        self.archive = archive
        self.subject = subject
        feed = Feed(source)
        archive_read_support_filter_gzip(archive)
        archive_read_support_filter_bzip2(archive)
        archive_read_support_filter_xz(archive)
        archive_read_support_filter_zstd(archive)
        archive_read_support_format_empty(archive)
        switch form {
        case .tar: archive_read_support_format_tar(archive)
        case .content: archive_read_support_format_raw(archive)
        }
        let code = archive_read_open(
            archive,
            Unmanaged.passUnretained(feed).toOpaque(),
            nil,
            { _, feed, result in
                guard let feed else { return -1 }
                let reader = Unmanaged<Feed>.fromOpaque(feed).takeUnretainedValue()
                do {
                    let count = try reader.source.read(into: reader.memory)
                    result?.pointee = UnsafeRawPointer(reader.memory.baseAddress)
                    return count
                } catch {
                    reader.failure = error
                    return -1
                }
            },
            nil
        )
        try check(code)
    }

    deinit {
        archive_read_free(archive)
        buffer.deallocate()
    }

    /// The next entry; nil at the archive's end.
    func next() throws -> Entry? {
        var entry: OpaquePointer?
        let code = archive_read_next_header(archive, &entry)
        if code == ARCHIVE_EOF { return nil }
        try check(code)
        guard let entry, let name = archive_entry_pathname(entry) else {
            throw ImageStoreError(subject: subject, .corrupt("an entry has no name"))
        }
        return Entry(name: Self.bytes(name), kind: Self.kind(of: entry))
    }

    /// Gives the current entry's content piece by piece; holes as zeros.
    func readContent(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        while true {
            let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count < 0 { try check(Int32(clamping: count)) }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<max(count, 0)]))
        }
    }

    private static func kind(of entry: OpaquePointer) -> Entry.Kind {
        if let target = archive_entry_hardlink(entry) {
            return .hardLink(target: bytes(target))
        }
        switch mode_t(archive_entry_filetype(entry)) {
        case S_IFREG: return .file
        case S_IFDIR: return .folder
        case S_IFLNK:
            return .symbolicLink(target: archive_entry_symlink(entry).map(bytes) ?? [])
        default: return .other
        }
    }

    private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    private func check(_ code: Int32) throws {
        if let failure = feed.failure { throw failure }
        // A warning: a name could not be converted to the locale's character set. Names are bytes.
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN else {
            let words = archive_error_string(archive).map { String(cString: $0) }
            throw ImageStoreError(subject: subject, .corrupt(words ?? "not a tar archive"))
        }
    }
}
