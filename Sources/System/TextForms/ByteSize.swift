/// Sizes as Docker writes them: `64m`, `1.5 GiB`.
package enum ByteSize {
    /// The number of bytes; nil for text that is no size. `-1` is a size: unlimited. Units are
    /// powers of 1024.
    package static func parse(_ text: String) -> Int64? {
        text == "-1" ? -1 : parse(text, unit: 1024)
    }

    /// As Docker reads sizes of log files: units are powers of 1000, and none is unlimited.
    package static func parseDecimal(_ text: String) -> Int64? { parse(text, unit: 1000) }

    private static func parse(_ text: String, unit: Int64) -> Int64? {
        let bytes = Array(text.utf8)
        let isNumeric = { (byte: UInt8) in
            (byte >= 0x30 && byte <= 0x39) || byte == UInt8(ascii: ".")
        }
        guard let last = bytes.lastIndex(where: { isNumeric($0) || $0 == UInt8(ascii: " ") }) else {
            return nil
        }
        var number = bytes[...last]
        if number.last == UInt8(ascii: " ") { number.removeLast() }
        let digits = String(decoding: number, as: UTF8.self)
        guard number.first.map(isNumeric) == true, Double(digits) != nil, !digits.contains("x"),
            !digits.contains("X"),
            let power = power(bytes[(last + 1)...])
        else { return nil }
        let factor = (0..<power).reduce(Int64(1)) { factor, _ in factor * unit }
        if let whole = Int64(digits) {
            let (size, overflows) = whole.multipliedReportingOverflow(by: factor)
            return overflows ? nil : size
        }
        guard let value = Double(digits) else { return nil }
        let size = value * Double(factor)
        return size < 0x1p63 ? Int64(size) : nil
    }

    /// Which power of its base a unit is: `k`, `kb`, `kib`, in any case.
    private static func power(_ unit: ArraySlice<UInt8>) -> Int? {
        let letters = String(decoding: unit, as: UTF8.self).lowercased()
        guard let first = letters.first else { return 0 }
        if letters == "b" { return 0 }
        guard let place = Array("kmgtp").firstIndex(of: first),
            ["", "b", "ib"].contains(letters.dropFirst())
        else { return nil }
        return place + 1
    }
}
