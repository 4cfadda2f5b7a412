import Foundation

/// The records of PAX headers: those of one entry over those of the whole archive. POSIX pax,
/// "pax Extended Header".
struct PAXRecords {
    private(set) var values: [String: [UInt8]] = [:]
    /// How much memory they take, about.
    private(set) var bytes = 0

    /// What GNU's first sparse format repeats, as the second has it in one record.
    static let sparseMap = "GNU.sparse.map"

    var isEmpty: Bool { values.isEmpty }

    subscript(_ key: String) -> [UInt8]? { values[key] }

    /// Takes the records of a header's content: `LENGTH KEY=VALUE\n`, one after the other.
    mutating func add(_ content: [UInt8]) throws(TarHeader.Damage) {
        var rest = content[...]
        // Some writers fill the last block.
        while let first = rest.first, first != 0 {
            let (key, value) = try Self.record(&rest)
            switch key {
            case "GNU.sparse.offset", "GNU.sparse.numbytes":
                var map = values[Self.sparseMap] ?? []
                if !map.isEmpty { map.append(UInt8(ascii: ",")) }
                values[Self.sparseMap] = map + value
            default:
                // An empty one takes back what was said before; attributes may be empty.
                let isAttribute = key.hasPrefix("SCHILY.xattr.")
                values[key] = value.isEmpty && !isAttribute ? nil : Array(value)
            }
            bytes += key.utf8.count + value.count
        }
    }

    /// Lets the records of one entry stand over these.
    func merging(_ local: PAXRecords) -> PAXRecords {
        guard !isEmpty else { return local }
        var merged = self
        merged.values.merge(local.values) { $1 }
        return merged
    }

    private static func record(
        _ rest: inout ArraySlice<UInt8>
    ) throws(TarHeader.Damage) -> (key: String, value: ArraySlice<UInt8>) {
        let damage = TarHeader.Damage(reason: "a record of the extended header is damaged")
        guard let space = rest.prefix(20).firstIndex(of: UInt8(ascii: " ")),
            let stated = decimal(rest[..<space]), let length = Int(exactly: stated),
            length > space + 1 - rest.startIndex, length <= rest.count
        else { throw damage }
        let record = rest[(space + 1)..<(rest.startIndex + length)]
        guard record.last == UInt8(ascii: "\n"), let equals = record.firstIndex(of: 0x3d),
            equals > record.startIndex
        else { throw damage }
        rest = rest[(rest.startIndex + length)...]
        let key = String(decoding: record[..<equals], as: UTF8.self)
        return (key, record[(equals + 1)..<(record.endIndex - 1)])
    }

    // MARK: Values

    /// A number without a sign; nil when there is no such record.
    func number(_ key: String) throws(TarHeader.Damage) -> Int64? {
        guard let value = values[key] else { return nil }
        guard let number = Self.decimal(value[...]) else {
            throw TarHeader.Damage(
                reason: "\(key) of the extended header is \"\(printable(value))\", not a number"
            )
        }
        return number
    }

    /// A time in seconds with a fraction, before 1970 negative.
    func time(_ key: String) throws(TarHeader.Damage) -> (seconds: Int, nanoseconds: Int)? {
        guard let value = values[key] else { return nil }
        let damage = TarHeader.Damage(
            reason: "\(key) of the extended header is \"\(printable(value))\", not a time"
        )
        var rest = value[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1)
        guard let whole = parts.first.flatMap(Self.decimal) else { throw damage }
        var nanoseconds: Int64 = 0
        if parts.count == 2 {
            guard parts[1].allSatisfy({ (0x30...0x39).contains($0) }) else { throw damage }
            let digits = parts[1].prefix(9)
            nanoseconds = digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            for _ in digits.count..<9 { nanoseconds *= 10 }
        }
        if !isNegative { return (Int(whole), Int(nanoseconds)) }
        return nanoseconds == 0
            ? (Int(-whole), 0) : (Int(-whole - 1), Int(1_000_000_000 - nanoseconds))
    }

    /// The extended attributes: Schilling's form has the bytes, libarchive's base 64 of them.
    func attributes() throws(TarHeader.Damage) -> [(name: String, value: [UInt8])] {
        var found: [String: [UInt8]] = [:]
        for (key, value) in values {
            if key.hasPrefix("LIBARCHIVE.xattr.") {
                let name = Self.unescaped(key.dropFirst("LIBARCHIVE.xattr.".count))
                // Written without the padding that Foundation wants.
                let padding = [UInt8](
                    repeating: UInt8(ascii: "="),
                    count: (4 - value.count % 4) % 4
                )
                guard let bytes = Data(base64Encoded: Data(value + padding)) else {
                    throw TarHeader.Damage(reason: "\(key) of the extended header is not base 64")
                }
                if found[name] == nil { found[name] = [UInt8](bytes) }
            } else if key.hasPrefix("SCHILY.xattr.") {
                found[String(key.dropFirst("SCHILY.xattr.".count))] = value
            }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    static func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(Int64(digit - 0x30))
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// `%41` is `A`.
    private static func unescaped(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
