import CLinux

/// The text of log entries in Docker's json-file format, gathered before it is written.
struct LogText {
    /// Docker's: a longer line becomes several entries, of which only the last ends in `\n`.
    static let longestEntry = 16 << 10
    /// An entry without `\n` whose text is shorter ends its line: what was cut off from one that
    /// goes on is at most the beginning of a character.
    static let shortestPart = longestEntry - 3
    /// Every byte may become `\u00xx`, and there is a frame around them.
    private static let largestEncoding = 6 * longestEntry + 256
    private static let capacity = 2 * largestEncoding

    private let memory: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init(capacity: Int = Self.capacity) { memory = .allocate(capacity: capacity) }

    var start: UnsafePointer<UInt8> { UnsafePointer(memory) }
    var hasRoom: Bool { count + Self.largestEncoding <= Self.capacity }

    /// Forgets the first bytes, which are written.
    mutating func drop(_ written: Int) {
        count -= written
        if count > 0 { memmove(memory, memory + written, count) }
    }

    /// How many bytes a reader of the entry finds in its text.
    @discardableResult
    mutating func appendEntry(
        _ bytes: UnsafeBufferPointer<UInt8>,
        stream: StaticString,
        time: UnsafeBufferPointer<UInt8>
    ) -> Int {
        append("{\"log\":\"")
        let invalid = appendEscaped(bytes)
        append("\",\"stream\":\"")
        append(stream)
        append("\",\"time\":\"")
        append(time)
        append("\"}\n")
        // U+FFFD, which stands for one byte, has three.
        return bytes.count + 2 * invalid
    }

    /// JSON as Docker writes it: `<`, `>`, `&` and the line separators of JavaScript are escaped
    /// too, and each byte that is not UTF-8 becomes U+FFFD. Returns how many of these there are.
    private mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var invalid = 0
        var index = 0
        var plain = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                if Self.isPlain(byte) {
                    index += 1
                    continue
                }
                append(UnsafeBufferPointer(rebasing: bytes[plain..<index]))
                appendEscape(byte)
                index += 1
                plain = index
                continue
            }
            let length = UTF8Sequence.length(in: bytes, at: index)
            if length > 0 && !Self.isLineSeparator(bytes, index, length) {
                index += length
                continue
            }
            append(UnsafeBufferPointer(rebasing: bytes[plain..<index]))
            if length > 0 {
                append(bytes[index + 2] == 0xA8 ? "\\u2028" : "\\u2029")
            } else {
                append("\\ufffd")
                invalid += 1
            }
            index += max(length, 1)
            plain = index
        }
        append(UnsafeBufferPointer(rebasing: bytes[plain..<index]))
        return invalid
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"),
            UInt8(ascii: ">"), UInt8(ascii: "&"):
            false
        default: true
        }
    }

    private static func isLineSeparator(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ index: Int,
        _ length: Int
    ) -> Bool {
        length == 3 && bytes[index] == 0xE2 && bytes[index + 1] == 0x80
            && bytes[index + 2] & 0xFE == 0xA8
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        default:
            append("\\u00")
            append(digit: byte >> 4)
            append(digit: byte & 15)
        }
    }

    private mutating func append(digit: UInt8) {
        memory[count] = digit < 10 ? 48 + digit : 87 + digit
        count += 1
    }

    private mutating func append(_ text: StaticString) {
        memcpy(memory + count, text.utf8Start, text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        memcpy(memory + count, source, bytes.count)
        count += bytes.count
    }
}
