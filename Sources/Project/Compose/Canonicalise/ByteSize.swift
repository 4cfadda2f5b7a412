/// Sizes as Docker writes them: `64m`, `1.5 GiB`; units are powers of 1024.
enum ByteSize {
    /// The number of bytes; nil for text that is no size. `-1` is a size: unlimited.
    static func parse(_ text: String) -> Int64? {
        if text == "-1" { return -1 }
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
        guard number.first.map(isNumeric) == true, Node.Value.isFloat(digits),
            let shift = shift(bytes[(last + 1)...])
        else { return nil }
        if let whole = Int64(digits) {
            let (size, overflows) = whole.multipliedReportingOverflow(by: 1 << shift)
            return overflows ? nil : size
        }
        guard let value = Double(digits) else { return nil }
        let size = value * Double(Int64(1) << shift)
        return size < 0x1p63 ? Int64(size) : nil
    }

    /// Power of two of a unit: `k`, `kb`, `kib`, in any case.
    private static func shift(_ unit: ArraySlice<UInt8>) -> Int64? {
        let letters = String(decoding: unit, as: UTF8.self).lowercased()
        guard let first = letters.first else { return 0 }
        if letters == "b" { return 0 }
        guard let place = Array("kmgtp").firstIndex(of: first),
            ["", "b", "ib"].contains(letters.dropFirst())
        else { return nil }
        return Int64(place + 1) * 10
    }
}
