import Glibc

/// Reads the entries of a tar: v7, ustar, PAX, GNU with its long names, and sparse files in all four
/// of GNU's forms. A damaged one is an error that says at which byte.
final class TarReader {
    private var input: TarInput
    private let subject: String
    private let header = UnsafeMutableRawBufferPointer.allocate(
        byteCount: TarHeader.size,
        alignment: 64
    )
    /// PAX records of the whole archive.
    private var global = PAXRecords()
    /// Bytes of the current entry that are stored and were not read, and what fills its last block.
    private var unread: Int64 = 0
    private var padding: Int64 = 0
    /// Where they belong; nil for a file without holes.
    private var sparse: SparseMap?
    private var entryName: [UInt8] = []

    /// What extension headers in front of an entry say about it.
    private struct Extensions {
        var name: [UInt8]?
        var linkName: [UInt8]?
        var records = PAXRecords()
        var count = 0
    }

    /// Names and attributes of an entry; the kernel takes no more than 64 KiB for an attribute.
    private static let extensionLimit: Int64 = 1 << 20
    private static let extensionCountLimit = 1000

    init(_ stream: any Decoder, subject: String) {
        input = TarInput(stream)
        self.subject = subject
    }

    deinit { header.deallocate() }

    /// The next entry; nil at the archive's end.
    func next() throws -> TarEntry? {
        try finishEntry()
        var extensions = Extensions()
        while true {
            let position = input.position
            guard try readHeader() else {
                guard extensions.count == 0 else {
                    throw truncated("after an extended header")
                }
                return nil
            }
            do {
                let header = TarHeader(UnsafeRawBufferPointer(header))
                try header.verify()
                if try readExtension(header, into: &extensions) { continue }
                return try entry(header, extensions)
            } catch let damage as TarHeader.Damage {
                throw ImageStoreError(
                    subject: subject,
                    .corrupt("at byte \(position) of the tar: \(damage.reason)")
                )
            }
        }
    }

    /// Whether the current entry is a file with holes.
    var isSparse: Bool { sparse != nil }

    /// Gives the current entry's content piece by piece: bytes and their offset in the file.
    func readContent(_ body: (UnsafeRawBufferPointer, Int64) throws -> Void) throws {
        guard let sparse else { return try read(unread, to: 0, body) }
        for segment in sparse.segments { try read(segment.count, to: segment.offset, body) }
    }

    private func read(
        _ count: Int64,
        to offset: Int64,
        _ body: (UnsafeRawBufferPointer, Int64) throws -> Void
    ) throws {
        var left = count
        while left > 0 {
            let bytes = try input.take(atMost: left)
            guard !bytes.isEmpty else {
                throw truncated("in the content of \"\(printable(entryName))\"")
            }
            unread -= Int64(bytes.count)
            try body(bytes, offset + count - left)
            left -= Int64(bytes.count)
        }
    }

    /// Passes over what nobody read of the last entry.
    private func finishEntry() throws {
        let count = unread + padding
        (unread, padding, sparse) = (0, 0, nil)
        guard count > 0 else { return }
        guard try input.skip(count) else {
            throw truncated("in the content of \"\(printable(entryName))\"")
        }
    }

    /// False at the end: two blocks of zeros, or nothing.
    private func readHeader() throws -> Bool {
        let position = input.position
        let count = try input.fill(header)
        if count == 0 { return false }
        guard count == TarHeader.size else { throw truncated("in a header") }
        guard TarHeader(UnsafeRawBufferPointer(header)).isZero else { return true }
        let second = try input.fill(header)
        guard second == 0 || TarHeader(UnsafeRawBufferPointer(header)).isZero else {
            // Some readers stop here and others go on: what the layer is must not depend on that.
            throw ImageStoreError(
                subject: subject,
                .corrupt("at byte \(position) of the tar: a block of zeros that ends nothing")
            )
        }
        return false
    }

    private func truncated(_ place: String) -> ImageStoreError {
        ImageStoreError(
            subject: subject,
            .corrupt("truncated: the tar ends \(place), at byte \(input.position)")
        )
    }

    // MARK: Extensions

    /// True when the header was one that describes a later one.
    private func readExtension(_ header: TarHeader, into extensions: inout Extensions) throws
        -> Bool
    {
        switch header.type {
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            try extensions.records.add(try extensionContent(header))
        case UInt8(ascii: "g"):
            try global.add(try extensionContent(header))
            guard global.bytes <= Self.extensionLimit else {
                throw TarHeader.Damage(reason: "more than 1 MiB of records for the whole archive")
            }
        case UInt8(ascii: "L"): extensions.name = try extensionText(header)
        case UInt8(ascii: "K"): extensions.linkName = try extensionText(header)
        case UInt8(ascii: "V"):
            // The volume's label, GNU's: not an entry.
            _ = try extensionContent(header)
        default: return false
        }
        extensions.count += 1
        guard extensions.count <= Self.extensionCountLimit else {
            throw TarHeader.Damage(reason: "extended headers without end")
        }
        return true
    }

    private func extensionContent(_ header: TarHeader) throws -> [UInt8] {
        let size = try header.contentSize()
        guard size <= Self.extensionLimit else {
            throw TarHeader.Damage(
                reason: "an extended header of \(size) bytes; more than 1 MiB is refused"
            )
        }
        let content = try input.bytes(Int(size))
        guard content.count == Int(size), try input.skip(Self.padding(of: size)) else {
            throw truncated("in an extended header")
        }
        return content
    }

    private func extensionText(_ header: TarHeader) throws -> [UInt8] {
        Array(try extensionContent(header).prefix { $0 != 0 })
    }

    private static func padding(of size: Int64) -> Int64 { (512 - size % 512) % 512 }

    // MARK: Entries

    private func entry(_ header: TarHeader, _ extensions: Extensions) throws -> TarEntry {
        let records = global.merging(extensions.records)
        var entry = TarEntry(
            name: extensions.name ?? header.name,
            kind: .other,
            mode: try header.mode(),
            owner: try header.owner(),
            group: try header.group(),
            modified: (Int(try header.modified()), 0),
            size: 0,
            attributes: []
        )
        var linkName = extensions.linkName ?? header.linkName
        if !records.isEmpty {
            if let path = records["path"] { entry.name = path }
            if let path = records["linkpath"] { linkName = path }
            if let owner = try records.number("uid") { entry.owner = owner }
            if let group = try records.number("gid") { entry.group = group }
            if let time = try records.time("mtime") { entry.modified = time }
            entry.attributes = try records.attributes()
        }
        entry.kind = try kind(header, name: entry.name, linkName: linkName)
        if case .file = entry.kind { try beginContent(&entry, header, records) }
        entryName = entry.name
        return entry
    }

    private func kind(
        _ header: TarHeader,
        name: [UInt8],
        linkName: [UInt8]
    ) throws(TarHeader.Damage) -> TarEntry.Kind {
        switch header.type {
        // Before POSIX, a directory was a file whose name ends with a slash.
        case 0: return name.last == UInt8(ascii: "/") ? .directory : .file
        case UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"): return .file
        case UInt8(ascii: "1"): return .hardLink(target: linkName)
        case UInt8(ascii: "2"): return .symbolicLink(target: linkName)
        case UInt8(ascii: "3"), UInt8(ascii: "4"):
            let (major, minor) = try header.device()
            let isBlock = header.type == UInt8(ascii: "4")
            return .device(isBlock: isBlock, major: major, minor: minor)
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default: return .other
        }
    }

    /// Works out how much is stored of a file, and where it belongs.
    private func beginContent(
        _ entry: inout TarEntry,
        _ header: TarHeader,
        _ records: PAXRecords
    ) throws {
        var stored = try records.number("size") ?? header.contentSize()
        padding = Self.padding(of: stored)
        entry.size = stored
        if header.type == UInt8(ascii: "S"), header.isGNU {
            sparse = try oldSparseMap(header, stored)
        } else if let (segments, size) = try paxSparseMap(records, &entry, &stored) {
            sparse = try SparseMap(segments, size: size, stored: stored)
        }
        unread = stored
        if let sparse { entry.size = sparse.size }
    }

    private func oldSparseMap(_ header: TarHeader, _ stored: Int64) throws -> SparseMap {
        let size = try header.realSize()
        var (segments, hasMore) = try header.sparseMap()
        while hasMore {
            guard try input.fill(self.header) == TarHeader.size else {
                throw truncated("in the map of a sparse file")
            }
            let more = try TarHeader(UnsafeRawBufferPointer(self.header)).sparseExtension()
            segments += more.segments
            hasMore = more.hasMore
            guard segments.count <= SparseMap.limit else {
                throw TarHeader.Damage(reason: "the map of a sparse file has no end")
            }
        }
        return try SparseMap(segments, size: size, stored: stored)
    }

    /// GNU's three forms in PAX records; nil when there is none.
    private func paxSparseMap(
        _ records: PAXRecords,
        _ entry: inout TarEntry,
        _ stored: inout Int64
    ) throws -> (segments: [SparseMap.Segment], size: Int64)? {
        if let name = records["GNU.sparse.name"] { entry.name = name }
        let size = try records.number("GNU.sparse.realsize") ?? records.number("GNU.sparse.size")
        if try records.number("GNU.sparse.major") == 1 {
            guard let size else { throw TarHeader.Damage(reason: "a sparse file without a size") }
            return (try storedSparseMap(&stored), size)
        }
        guard let map = records[PAXRecords.sparseMap] else { return nil }
        let numbers = try map.split(separator: UInt8(ascii: ",")).map { digits in
            guard let number = PAXRecords.decimal(digits) else {
                throw TarHeader.Damage(reason: "the map of a sparse file makes no sense")
            }
            return number
        }
        return (try SparseMap.pairs(numbers), size ?? stored)
    }

    /// The form that has the map in front of the content: lines of digits, their number first.
    private func storedSparseMap(_ stored: inout Int64) throws -> [SparseMap.Segment] {
        var wanted = 1
        var numbers: [Int64] = []
        var digits: [UInt8] = []
        while numbers.count < wanted {
            guard stored >= 512 else {
                throw TarHeader.Damage(reason: "the map of a sparse file is cut")
            }
            let block = try input.bytes(512)
            guard block.count == 512 else { throw truncated("in the map of a sparse file") }
            stored -= 512
            for byte in block where numbers.count < wanted {
                guard byte == UInt8(ascii: "\n") else {
                    digits.append(byte)
                    continue
                }
                guard let number = PAXRecords.decimal(digits[...]) else {
                    throw TarHeader.Damage(reason: "the map of a sparse file makes no sense")
                }
                digits = []
                numbers.append(number)
                if numbers.count == 1 {
                    guard number <= SparseMap.limit else {
                        throw TarHeader.Damage(reason: "the map of a sparse file has no end")
                    }
                    wanted = 1 + 2 * Int(number)
                }
            }
            guard digits.count < 512 else {
                throw TarHeader.Damage(reason: "the map of a sparse file makes no sense")
            }
        }
        return try SparseMap.pairs(Array(numbers.dropFirst()))
    }
}
