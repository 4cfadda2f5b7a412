/// One header block of a tar: v7, POSIX ustar or GNU. The layouts are in tar(5).
struct TarHeader {
    static let size = 512

    /// What is wrong with a header, or with an extension of one.
    struct Damage: Error, Equatable { var reason: String }

    private let block: UnsafeRawBufferPointer

    /// Looks at 512 bytes, which have to stay.
    init(_ block: UnsafeRawBufferPointer) { self.block = block }

    /// Whether it is one of the blocks of zeros that end an archive.
    var isZero: Bool { block.allSatisfy { $0 == 0 } }

    /// The sum of all bytes, those of the sum itself counted as spaces; some old tars added up
    /// signed bytes.
    func verify() throws(Damage) {
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for (index, byte) in block.enumerated() {
            let byte = (148..<156).contains(index) ? 0x20 : byte
            unsigned += Int64(byte)
            signed += Int64(Int8(bitPattern: byte))
        }
        let stated = try number(148..<156, "checksum")
        guard stated == unsigned || stated == signed else {
            throw Damage(reason: "the header's checksum is \(unsigned), it says \(stated)")
        }
    }

    var type: UInt8 { block[156] }

    /// Only GNU's own headers hold sparse maps, only POSIX' a prefix.
    var isGNU: Bool { block[257..<265].elementsEqual("ustar  \0".utf8) }
    private var isPOSIX: Bool { block[257..<263].elementsEqual("ustar\0".utf8) }

    var name: [UInt8] {
        guard isPOSIX else { return text(0..<100) }
        // Schilling's star ends the block with its mark and keeps times where the prefix ends.
        let isStar = block[508..<512].elementsEqual("tar\0".utf8)
        let prefix = text(345..<(isStar ? 476 : 500))
        return prefix.isEmpty ? text(0..<100) : prefix + [UInt8(ascii: "/")] + text(0..<100)
    }

    var linkName: [UInt8] { text(157..<257) }

    func mode() throws(Damage) -> UInt32 {
        UInt32(truncatingIfNeeded: try number(100..<108, "mode")) & 0o7777
    }

    func owner() throws(Damage) -> Int64 { try number(108..<116, "owner") }
    func group() throws(Damage) -> Int64 { try number(116..<124, "group") }
    func modified() throws(Damage) -> Int64 { try number(136..<148, "time") }

    func contentSize() throws(Damage) -> Int64 {
        let size = try number(124..<136, "size")
        guard size >= 0 else { throw Damage(reason: "the size is negative") }
        return size
    }

    func device() throws(Damage) -> (major: UInt32, minor: UInt32) {
        // Before POSIX there were no such fields.
        guard isPOSIX || isGNU else { return (0, 0) }
        let (major, minor) = (
            try number(329..<337, "device"), try number(337..<345, "device")
        )
        guard let major = UInt32(exactly: major), let minor = UInt32(exactly: minor) else {
            throw Damage(reason: "device \(major):\(minor) is not a valid device number")
        }
        return (major, minor)
    }

    // MARK: GNU's old sparse files

    /// The map in a header of type `S`, and whether blocks of more follow.
    func sparseMap() throws(Damage) -> (segments: [SparseMap.Segment], hasMore: Bool) {
        (try segments(from: 386, count: 4), block[482] != 0)
    }

    /// The map in a block that follows a header of type `S`.
    func sparseExtension() throws(Damage) -> (segments: [SparseMap.Segment], hasMore: Bool) {
        (try segments(from: 0, count: 21), block[504] != 0)
    }

    func realSize() throws(Damage) -> Int64 { try number(483..<495, "size") }

    private func segments(from start: Int, count: Int) throws(Damage) -> [SparseMap.Segment] {
        var segments: [SparseMap.Segment] = []
        for index in 0..<count {
            let offset = start + index * 24
            guard block[offset] != 0, block[offset + 12] != 0 else { break }
            segments.append(
                SparseMap.Segment(
                    offset: try number(offset..<offset + 12, "sparse map"),
                    count: try number(offset + 12..<offset + 24, "sparse map")
                )
            )
        }
        return segments
    }

    // MARK: Fields

    private func text(_ range: Range<Int>) -> [UInt8] { [UInt8](block[range].prefix { $0 != 0 }) }

    /// Octal digits, or, with the highest bit set, a number in two's complement.
    private func number(_ range: Range<Int>, _ what: String) throws(Damage) -> Int64 {
        if block[range.lowerBound] & 0x80 != 0 { return try binaryNumber(range, what) }
        var value: Int64 = 0
        var hasDigits = false
        for byte in block[range] {
            switch byte {
            case 0x30...0x37:
                guard value < 1 << 60 else { throw Damage(reason: "the \(what) is too large") }
                value = value << 3 | Int64(byte - 0x30)
                hasDigits = true
            case 0, 0x20:
                if hasDigits { return value }
            default: throw Damage(reason: "the \(what) is not a number")
            }
        }
        return value
    }

    private func binaryNumber(_ range: Range<Int>, _ what: String) throws(Damage) -> Int64 {
        let isNegative = block[range.lowerBound] & 0x40 != 0
        var value: Int64 = isNegative ? -1 : 0
        for (index, byte) in block[range].enumerated() {
            let byte = index == 0 ? (isNegative ? byte | 0x80 : byte & 0x7f) : byte
            guard value >> 55 == 0 || value >> 55 == -1 else {
                throw Damage(reason: "the \(what) is too large")
            }
            value = value << 8 | Int64(byte)
        }
        return value
    }
}
