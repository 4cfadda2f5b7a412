/// How many columns text takes on a terminal, and text made to fit.
///
/// Widths are those of wcwidth(3), by Unicode's East Asian Width: most terminals go by scalars, so
/// an emoji that several scalars make up counts as their sum. What colours text (SGR) takes none.
package enum DisplayWidth {
    /// The columns of a text, whatever it is made of.
    package static func of(_ text: some StringProtocol) -> Int {
        // The usual case: what is printable in ASCII takes a column a byte.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
        var width = 0
        var isSequence = false
        for scalar in text.unicodeScalars {
            if isSequence {
                // A sequence ends with a letter; `[` only introduces it.
                isSequence = !(0x40...0x7E).contains(scalar.value) || scalar == "["
            } else if scalar == "\u{1B}" {
                isSequence = true
            } else {
                width += of(scalar)
            }
        }
        return width
    }

    /// 0 for what combines with its predecessor and for controls, 2 for what is wide, otherwise 1.
    package static func of(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        case 0x20..<0x7F, 0xAD: return 1
        case 0xFE0F: return 1  // makes a narrow symbol an emoji, which is wide where it is known
        case 0x1160...0x11FF: return 0  // vowels and finals of Hangul, drawn into their consonant
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .nonspacingMark, .enclosingMark, .format, .lineSeparator,
            .paragraphSeparator:
            return 0
        default: return isWide(scalar.value) ? 2 : 1
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        guard value >= 0x1100 else { return false }
        var low = 0
        var high = wide.count
        while low < high {
            let middle = (low + high) / 2
            if wide[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < wide.count && wide[low].contains(value)
    }

    /// Ranges of East Asian Width W and F, in order; gaps of unassigned values belong to them.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0,
        0x23F3...0x23F3, 0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F,
        0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5,
        0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA, 0x26F2...0x26F3, 0x26F5...0x26F5,
        0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B, 0x2728...0x2728,
        0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
        0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55,
        0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAD9, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x18D08, 0x1AFF0...0x1B2FB, 0x1F004...0x1F004,
        0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F200...0x1F320,
        0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA,
        0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0, 0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E,
        0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F54B...0x1F54E,
        0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4,
        0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2,
        0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7F0,
        0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
    ]
}

extension String {
    /// Columns of a terminal.
    package var displayWidth: Int { DisplayWidth.of(self) }

    /// The beginning, ending in `…` where something is left out; never wider than `columns`.
    package func cut(toColumns columns: Int) -> String {
        guard displayWidth > columns else { return self }
        guard columns > 0 else { return "" }
        return prefix(columns: columns - 1) + "…"
    }

    /// Beginning and end with `…` between, more of the end: there names differ.
    package func shortened(toColumns columns: Int) -> String {
        guard displayWidth > columns else { return self }
        guard columns > 2 else { return cut(toColumns: columns) }
        let head = prefix(columns: (columns - 1) / 3)
        let tail = String(
            String(reversed()).prefix(columns: columns - 1 - head.displayWidth).reversed()
        )
        return "\(head)…\(tail)"
    }

    /// With blanks behind it up to `columns`.
    package func padded(toColumns columns: Int) -> String {
        self + String(repeating: " ", count: max(0, columns - displayWidth))
    }

    private func prefix(columns: Int) -> String {
        var result = ""
        var room = columns
        for character in self {
            room -= String(character).displayWidth
            guard room >= 0 else { break }
            result.append(character)
        }
        return result
    }
}
