/// Makes container output safe for a terminal: escape sequences and control characters are shown
/// as visible text, except tabs and the colours and weights of SGR; so is what turns the direction of
/// reading.
///
/// A container may otherwise set the title, read the clipboard, move the cursor over other
/// containers' lines, forge their prefix with a carriage return or show letters in another order.
enum TerminalEscaping {
    /// One line without its newline; a final carriage return is dropped.
    static func line(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        let end = bytes.last == 0x0D ? bytes.endIndex - 1 : bytes.endIndex
        while index < end {
            let byte = bytes[index]
            if byte == 0x1B, let after = endOfColour(bytes, from: index, end: end) {
                out.append(contentsOf: bytes[index..<after])
                index = after
                continue
            }
            if byte >= 0xD8, let turn = Turn(bytes, at: index, end: end) {
                out.append(contentsOf: turn.shown)
                index += turn.length
                continue
            }
            if byte == 0x09 || (byte >= 0x20 && byte != 0x7F && !isC1(bytes, index, end)) {
                out.append(byte)
            } else {
                let at = byte == 0xC2 ? index + 1 : index
                out.append(contentsOf: escaped(bytes[at]))
                index = at
            }
            index += 1
        }
        return out
    }

    /// The same for a line among others: a colour that it does not end itself ends with it.
    static func logLine(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let out = line(bytes)
        guard out.contains(0x1B), out.suffix(reset.count) != reset[...] else { return out }
        return out + reset
    }

    private static let reset = Array("\u{1B}[0m".utf8)

    /// Each line of a text.
    static func lines(_ text: String) -> String {
        let lines = Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false)
        let shown = lines.map { logLine($0) }.joined(separator: [0x0A])
        return String(decoding: Array(shown), as: UTF8.self)
    }

    /// Words as one line without any control character: line feeds and tabs become blanks, all
    /// others visible text.
    static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { return text }
        let flat = text.utf8.map { $0 == 0x0A || $0 == 0x09 ? 0x20 : $0 }
        let coloured = String(decoding: line(flat[...]), as: UTF8.self)
        return coloured.replacing("\u{1B}", with: "\\e")
    }

    /// The index after an SGR sequence (`ESC [ digits and semicolons m`) that starts at `start`.
    private static func endOfColour(
        _ bytes: ArraySlice<UInt8>,
        from start: Int,
        end: Int
    ) -> Int? {
        guard start + 2 < end, bytes[start + 1] == UInt8(ascii: "[") else { return nil }
        var index = start + 2
        while index < end, index - start < 32 {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ";"): index += 1
            case UInt8(ascii: "m"): return index + 1
            default: return nil
            }
        }
        return nil
    }

    /// U+0080…U+009F in UTF-8: C2 80…9F.
    private static func isC1(_ bytes: ArraySlice<UInt8>, _ index: Int, _ end: Int) -> Bool {
        bytes[index] == 0xC2 && index + 1 < end && (0x80...0x9F).contains(bytes[index + 1])
    }

    /// A character that turns the direction of reading, or that ends a line or a paragraph for who
    /// reads it as text, by its bytes in UTF-8. UAX 9, 2; joiners, which emojis have, are none.
    private struct Turn {
        let length: Int
        let shown: [UInt8]

        init?(_ bytes: ArraySlice<UInt8>, at index: Int, end: Int) {
            let rest = bytes[index..<min(index + 3, end)]
            let value: UInt32
            switch (rest.count, rest.first) {
            case (2..., 0xD8) where rest[index + 1] == 0x9C: (value, length) = (0x61C, 2)
            case (3, 0xE2) where rest[index + 1] == 0x80 || rest[index + 1] == 0x81:
                let last = UInt32(rest[index + 2] & 0x3F)
                (value, length) = (0x2000 + UInt32(rest[index + 1] & 1) << 6 + last, 3)
            default: return nil
            }
            switch value {
            case 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: break
            default: return nil
            }
            shown = Array("\\u{\(String(value, radix: 16, uppercase: true))}".utf8)
        }
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case 0x1B: return Array("\\e".utf8)
        case 0x0D: return Array("\\r".utf8)
        default:
            let digits = String(byte, radix: 16)
            return Array("\\x".utf8) + Array((digits.count == 1 ? "0" + digits : digits).utf8)
        }
    }
}
