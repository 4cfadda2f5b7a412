/// Well-formed UTF-8 (Unicode 15, table 3-7).
enum UTF8Sequence {
    /// Length of the character at `index`, which does not begin with ASCII; 0 when there is none.
    static func length(in bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
        let (length, second) = shape(of: bytes[index])
        guard length > 0, index + length <= bytes.count, second.contains(bytes[index + 1])
        else { return 0 }
        for offset in 2..<max(length, 2) where bytes[index + offset] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// How many bytes at the end are the beginning of a character whose rest may still come.
    static func incompleteTail(of bytes: UnsafeBufferPointer<UInt8>) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            return shape(of: byte).length > back ? back : 0
        }
        return 0
    }

    /// Length and the range of the second byte by the first one; length 0 for none.
    private static func shape(of first: UInt8) -> (length: Int, second: ClosedRange<UInt8>) {
        switch first {
        case 0xC2...0xDF: (2, 0x80...0xBF)
        case 0xE0: (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
        case 0xED: (3, 0x80...0x9F)
        case 0xF0: (4, 0x90...0xBF)
        case 0xF1...0xF3: (4, 0x80...0xBF)
        case 0xF4: (4, 0x80...0x8F)
        default: (0, 0x80...0xBF)
        }
    }
}
