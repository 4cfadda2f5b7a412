import CArchive

/// Reads what libarchive decompresses: zstd (windows of at most 128 MiB) and bzip2.
final class ArchiveDecoder: Decoder {
    private let archive: OpaquePointer
    private let feed: Feed
    private let subject: String

    /// What libarchive's callback needs.
    private final class Feed {
        let input: InputBuffer
        var failure: (any Error)?

        init(_ input: InputBuffer) { self.input = input }

        func next(_ buffer: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
            do {
                guard try input.fill() else { return 0 }
                let bytes = input.bytes
                buffer?.pointee = bytes.baseAddress
                input.consume(bytes.count)
                return bytes.count
            } catch {
                failure = error
                return -1
            }
        }
    }

    init(_ input: InputBuffer, _ compression: Compression, subject: String) throws {
        guard let archive = archive_read_new() else {
            throw ImageStoreError(subject: subject, .corrupt("no memory for decompression"))
        }
        self.archive = archive
        self.subject = subject
        feed = Feed(input)
        archive_read_support_format_raw(archive)
        switch compression {
        case .zstd: archive_read_support_filter_zstd(archive)
        default: archive_read_support_filter_bzip2(archive)
        }
        let code = archive_read_open(
            archive,
            Unmanaged.passUnretained(feed).toOpaque(),
            nil,
            { _, feed, buffer in
                guard let feed else { return -1 }
                return Unmanaged<Feed>.fromOpaque(feed).takeUnretainedValue().next(buffer)
            },
            nil
        )
        try check(code)
        var entry: OpaquePointer?
        try check(archive_read_next_header(archive, &entry))
    }

    deinit { archive_read_free(archive) }

    func next() throws -> UnsafeRawBufferPointer? {
        var start: UnsafeRawPointer?
        var count = 0
        var offset: Int64 = 0
        while true {
            let code = archive_read_data_block(archive, &start, &count, &offset)
            if code == ARCHIVE_EOF { return nil }
            try check(code)
            if count > 0 { return UnsafeRawBufferPointer(start: start, count: count) }
        }
    }

    private func check(_ code: Int32) throws {
        if let failure = feed.failure { throw failure }
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN || code == ARCHIVE_EOF else {
            let words = archive_error_string(archive).map { String(cString: $0) }
            throw ImageStoreError(subject: subject, .corrupt(words ?? "cannot be decompressed"))
        }
    }
}
