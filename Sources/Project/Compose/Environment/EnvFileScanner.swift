extension EnvFileParser {
    /// Walks over the bytes of an env file.
    struct Scanner {
        struct Key {
            enum Ending { case none, value }
            var name: String
            var ending: Ending
        }

        private let bytes: [UInt8]
        private(set) var index: Int

        /// Lines counted so far, and up to where: an offset is only ever asked for after another.
        private var counted = (line: 1, index: 0)

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        }

        var current: UInt8? { index < bytes.count ? bytes[index] : nil }

        /// Moves to the next thing that is no blank and no comment; false at the end.
        mutating func skipToStatement() -> Bool {
            while let byte = current {
                if byte == UInt8(ascii: "#") {
                    skipLine()
                } else if byte == newline || Self.isBlank(byte) {
                    index += 1
                } else {
                    return true
                }
            }
            return false
        }

        mutating func skipBlanks() {
            while let byte = current, Self.isBlank(byte) { index += 1 }
        }

        private mutating func skipLine() {
            while let byte = current, byte != newline { index += 1 }
        }

        /// Reads `export KEY =`, `KEY:` or a bare `KEY`, and moves behind it.
        mutating func key() throws(Failure) -> Key {
            let export = Array("export".utf8)
            if bytes[index...].starts(with: export), index + 6 < bytes.count,
                Self.isBlank(bytes[index + 6])
            {
                index += 6
                skipBlanks()
            }
            let start = index
            while let byte = current {
                switch byte {
                case UInt8(ascii: "="), UInt8(ascii: ":"):
                    defer { index += 1 }
                    return try Key(name: name(start..<index), ending: .value)
                case newline:
                    return try Key(name: name(start..<index), ending: .none)
                case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "["),
                    UInt8(ascii: "]"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    0x80...0xFF:
                    index += 1
                case _ where Self.isBlank(byte): index += 1
                default:
                    let character = String(decoding: [byte], as: UTF8.self)
                    throw failure(
                        "unexpected character \"\(character)\" in variable name",
                        at: index
                    )
                }
            }
            return try Key(name: name(start..<index), ending: .none)
        }

        private func name(_ range: Range<Int>) throws(Failure) -> String {
            var slice = bytes[range]
            while let last = slice.last, Self.isBlank(last) { slice.removeLast() }
            let name = String(decoding: slice, as: UTF8.self)
            guard !slice.contains(where: Self.isBlank) else {
                throw failure("key cannot contain a space: \"\(name)\"", at: range.lowerBound)
            }
            guard !name.isEmpty else { throw failure("a variable name is missing", at: index) }
            return name
        }

        /// The rest of the line, without a comment.
        mutating func unquoted() -> String {
            let start = index
            skipLine()
            var slice = bytes[start..<index]
            for place in slice.indices where slice[place] == UInt8(ascii: "#") {
                // A comment begins after a value, not instead of one.
                if place > start, Self.isBlank(slice[place - 1]) {
                    slice = slice[..<place]
                    break
                }
            }
            while let last = slice.last, Self.isBlank(last) { slice.removeLast() }
            return String(decoding: slice, as: UTF8.self)
        }

        /// Everything to the closing quote as it is, but for `\'`; of two backslashes the second
        /// escapes nothing.
        mutating func singleQuoted() throws(Failure) -> String {
            var output: [UInt8] = []
            let start = index
            index += 1
            while let byte = current {
                index += 1
                if byte == UInt8(ascii: "\\"), let next = current {
                    if next != UInt8(ascii: "'") { output.append(byte) }
                    output.append(next)
                    index += 1
                } else if byte == UInt8(ascii: "'") {
                    return String(decoding: output, as: UTF8.self)
                } else {
                    output.append(byte)
                }
            }
            throw unterminated(start)
        }

        /// Everything to the closing quote with escapes resolved; `\$` becomes `$$`, which the
        /// expansion that follows turns into a dollar sign.
        mutating func doubleQuoted() throws(Failure) -> String {
            var output: [UInt8] = []
            let start = index
            index += 1
            while let byte = current {
                index += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: output, as: UTF8.self)
                case UInt8(ascii: "\\"): try escape(into: &output)
                default: output.append(byte)
                }
            }
            throw unterminated(start)
        }

        private mutating func escape(into output: inout [UInt8]) throws(Failure) {
            guard let byte = current else {
                output.append(UInt8(ascii: "\\"))
                return
            }
            let start = index - 1
            index += 1
            switch byte {
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "v"): output.append(0x0B)
            case UInt8(ascii: "a"): output.append(0x07)
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "c"): break
            case UInt8(ascii: "\\"), UInt8(ascii: "\""): output.append(byte)
            case UInt8(ascii: "$"): output += "$$".utf8
            case UInt8(ascii: "0"):
                var value = 0
                var digits = 0
                while digits < 3, let digit = current, digit >= 0x30, digit <= 0x37 {
                    value = value * 8 + Int(digit - 0x30)
                    digits += 1
                    index += 1
                }
                guard UInt8(truncatingIfNeeded: value) != 0 else {
                    throw failure("a variable cannot hold a NUL character", at: start)
                }
                output += String(UnicodeScalar(UInt8(truncatingIfNeeded: value))).utf8
            default: output += [UInt8(ascii: "\\"), byte]
            }
        }

        private func unterminated(_ start: Int) -> Failure {
            let line = bytes[start...].prefix { $0 != newline }
            return failure(
                "unterminated quoted value \(String(decoding: line, as: UTF8.self))",
                at: start
            )
        }

        func failure(_ message: String, at index: Int) -> Failure {
            let place = place(index)
            return Failure(message: message, line: place.line, column: place.column)
        }

        /// Line of an offset, from 1; none before one asked for already.
        mutating func line(_ index: Int) -> Int {
            for byte in bytes[counted.index..<index] where byte == newline { counted.line += 1 }
            counted.index = index
            return counted.line
        }

        /// Line and column of an offset, from 1.
        func place(_ index: Int) -> (line: Int, column: Int) {
            let before = bytes[..<min(index, bytes.count)]
            let line = before.reduce(1) { $1 == newline ? $0 + 1 : $0 }
            let start = before.lastIndex(of: newline).map { $0 + 1 } ?? 0
            return (line, String(decoding: before[start...], as: UTF8.self).count + 1)
        }

        static func isBlank(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
                || byte == 0x0B || byte == 0x0C
        }
    }
}
