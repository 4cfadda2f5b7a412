import Linux

/// Writes a tar in one fixed form: ustar, and PAX records only for what ustar cannot hold. The same
/// entries give the same bytes everywhere. POSIX.1-2017, pax, "ustar Interchange Format".
struct TarWriter {
    /// Takes the bytes in order.
    typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    let sink: Sink
    private(set) var size: Int64 = 0

    init(_ sink: @escaping Sink) { self.sink = sink }

    /// What stands in a header.
    struct Header {
        /// Relative; a directory's ends with a slash.
        var path: [UInt8]
        var type: TypeFlag
        var mode: UInt32 = 0
        var owner: UInt32 = 0
        var group: UInt32 = 0
        var size: Int64 = 0
        /// Whole seconds: what finer file systems add would differ from machine to machine.
        var modified: Int = 0
        /// Of a link.
        var target: [UInt8] = []
        var device = DeviceNumber(major: 0, minor: 0)
        var attributes: [(name: String, value: [UInt8])] = []
    }

    enum TypeFlag: UInt8 {
        case file = 0x30
        case hardLink, symbolicLink, character, block, directory, fifo
        case extended = 0x78
    }

    /// Writes a header; `header.size` bytes of content and `pad` have to follow.
    mutating func write(_ header: Header) throws {
        let records = Self.records(for: header)
        if !records.isEmpty {
            var extended = Header(path: Array("PaxHeaders/record".utf8), type: .extended)
            extended.mode = 0o644
            extended.size = Int64(records.count)
            try put(Self.block(extended))
            try put(records)
            try pad(extended.size)
        }
        try put(Self.block(header))
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) throws {
        size += Int64(bytes.count)
        try sink(bytes)
    }

    mutating func put(_ bytes: [UInt8]) throws {
        size += Int64(bytes.count)
        try bytes.withUnsafeBytes { try sink($0) }
    }

    /// Fills the last block of a content of so many bytes.
    mutating func pad(_ count: Int64) throws {
        let rest = Int(count % 512)
        if rest > 0 { try put([UInt8](repeating: 0, count: 512 - rest)) }
    }

    /// Writes the archive's end.
    mutating func finish() throws { try put([UInt8](repeating: 0, count: 1024)) }

    // MARK: Forms

    private static let largestID: UInt32 = 0o7777777
    private static let largestNumber: Int64 = 0o77777777777

    private static func fits(_ name: [UInt8]) -> Bool {
        name.count <= 100 && name.allSatisfy { $0 < 0x80 }
    }

    private static func records(for header: Header) -> [UInt8] {
        var records: [(key: String, value: [UInt8])] = []
        if header.group > largestID { records.append(("gid", Array("\(header.group)".utf8))) }
        if !fits(header.target) { records.append(("linkpath", header.target)) }
        if header.modified < 0 || header.modified > largestNumber {
            records.append(("mtime", Array("\(header.modified)".utf8)))
        }
        if !fits(header.path) { records.append(("path", header.path)) }
        if header.size > largestNumber { records.append(("size", Array("\(header.size)".utf8))) }
        if header.owner > largestID { records.append(("uid", Array("\(header.owner)".utf8))) }
        for attribute in header.attributes.sorted(by: { $0.name < $1.name }) {
            records.append(("SCHILY.xattr.\(attribute.name)", attribute.value))
        }
        return records.flatMap { record(key: $0.key, value: $0.value) }
    }

    /// `length key=value newline`, the length counting its own digits.
    private static func record(key: String, value: [UInt8]) -> [UInt8] {
        let rest = 3 + key.utf8.count + value.count
        var length = rest + 1
        while "\(length)".utf8.count + rest != length { length = "\(length)".utf8.count + rest }
        return Array("\(length) \(key)=".utf8) + value + [0x0a]
    }

    private static func block(_ header: Header) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Sequence<UInt8>, at offset: Int, limit: Int) {
            for (index, byte) in bytes.prefix(limit).enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int64, digits: Int, at offset: Int, largest: Int64) {
            let text = String(value >= 0 && value <= largest ? value : 0, radix: 8)
            put(
                String(repeating: "0", count: digits - text.utf8.count).utf8,
                at: offset,
                limit: digits
            )
            put(text.utf8, at: offset + digits - text.utf8.count, limit: digits)
        }
        let small = Int64(largestID)
        put(header.path, at: 0, limit: 100)
        octal(Int64(header.mode), digits: 7, at: 100, largest: small)
        octal(Int64(header.owner), digits: 7, at: 108, largest: small)
        octal(Int64(header.group), digits: 7, at: 116, largest: small)
        octal(header.size, digits: 11, at: 124, largest: largestNumber)
        octal(Int64(header.modified), digits: 11, at: 136, largest: largestNumber)
        block[156] = header.type.rawValue
        put(header.target, at: 157, limit: 100)
        put("ustar".utf8, at: 257, limit: 5)
        put("00".utf8, at: 263, limit: 2)
        octal(Int64(header.device.major), digits: 7, at: 329, largest: small)
        octal(Int64(header.device.minor), digits: 7, at: 337, largest: small)
        put(repeatElement(0x20, count: 8), at: 148, limit: 8)
        let sum = block.reduce(0) { $0 + Int64($1) }
        octal(sum, digits: 6, at: 148, largest: small)
        block[154] = 0
        return block
    }
}
