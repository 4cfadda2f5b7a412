import FoundationEssentials
import Glibc

/// Reads Docker's json-file format, one object per line:
/// `{"log":"text\n","stream":"stdout","time":"2026-01-02T03:04:05.000000006Z"}`.
///
/// That shape is read by hand, since a log has millions of them; anything else (other order,
/// `attrs`, spaces) goes through a JSON parser, and what is no JSON is given as it stands, because
/// after a power cut it is still somebody's last words. Of a record that was cut off the text is
/// given that is there.
enum LogRecordParser {
    /// Parses one line without its newline. `previous` is the time given to a damaged line. Less
    /// than the line is `taken` when a whole record stands behind one that was cut off.
    static func parse(
        _ line: UnsafeBufferPointer<UInt8>,
        previous: Timestamp
    ) -> (line: LogLine, taken: Int) {
        if let record = parseKnown(line) ?? parseAny(line) { return (record, line.count) }
        let end = glued(line) ?? line.count
        let cut = UnsafeBufferPointer(rebasing: line[..<end])
        return (
            LogLine(time: previous, stream: .stdout, bytes: (cutText(cut) ?? [UInt8](cut)) + [10]),
            end
        )
    }

    /// Where a record begins behind one that was cut off. In a text its quotes would be escaped.
    private static func glued(_ line: UnsafeBufferPointer<UInt8>) -> Int? {
        guard line.count > head.count else { return nil }
        return (1..<line.count - head.count).first {
            line[$0] == head[0] && line[$0 - 1] != UInt8(ascii: "\\") && line.starts(head, at: $0)
        }
    }

    /// The text of a record that ends before its time.
    private static func cutText(_ line: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard line.starts(head, at: 0) else { return nil }
        var end = line.count
        while end >= head.count, line.count - end < longestEscape {
            let closed = [UInt8](line[..<end]) + [UInt8(ascii: "\"")]
            let found = closed.withUnsafeBufferPointer { text($0, from: head.count) }
            if var bytes = found?.bytes {
                if bytes.last == 10 { bytes.removeLast() }
                return bytes
            }
            // It ended in the middle of an escape.
            end -= 1
        }
        return nil
    }

    private static let head = Array(#"{"log":""#.utf8)
    private static let stdoutPart = Array(#","stream":"stdout","time":""#.utf8)
    private static let stderrPart = Array(#","stream":"stderr","time":""#.utf8)
    private static let end = Array(#""}"#.utf8)
    /// Of a surrogate pair.
    private static let longestEscape = 12

    /// The known shape; nil for anything else.
    private static func parseKnown(_ line: UnsafeBufferPointer<UInt8>) -> LogLine? {
        guard line.starts(head, at: 0), let text = text(line, from: head.count) else { return nil }
        let stream: LogLine.Stream
        if line.starts(stdoutPart, at: text.next) {
            stream = .stdout
        } else if line.starts(stderrPart, at: text.next) {
            stream = .stderr
        } else {
            return nil
        }
        // Both parts have the same length.
        let start = text.next + stdoutPart.count
        let stop = line.count - end.count
        guard start < stop, line.starts(end, at: stop),
            let time = Timestamp.parse(UnsafeBufferPointer(rebasing: line[start..<stop]))
        else { return nil }
        return LogLine(time: Timestamp(nanoseconds: time), stream: stream, bytes: text.bytes)
    }

    /// A JSON string from after its opening quote: what it says, and where the next byte is.
    private static func text(
        _ line: UnsafeBufferPointer<UInt8>,
        from start: Int
    ) -> (bytes: [UInt8], next: Int)? {
        var next: Int?
        let bytes = [UInt8](unsafeUninitializedCapacity: line.count - start) { output, count in
            var index = start
            while index < line.count {
                let byte = line[index]
                if byte == UInt8(ascii: "\"") {
                    next = index + 1
                    return
                }
                index += 1
                if byte != UInt8(ascii: "\\") {
                    output.initializeElement(at: count, to: byte)
                    count += 1
                } else if !unescape(line, &index, output, &count) {
                    return
                }
            }
        }
        return next.map { (bytes, $0) }
    }

    /// What a backslash stands for; `index` is behind it. An escape never grows: `\u0041` is six
    /// bytes for at most three.
    private static func unescape(
        _ line: UnsafeBufferPointer<UInt8>,
        _ index: inout Int,
        _ output: UnsafeMutableBufferPointer<UInt8>,
        _ count: inout Int
    ) -> Bool {
        guard index < line.count else { return false }
        let letter = line[index]
        index += 1
        let byte: UInt8
        switch letter {
        case UInt8(ascii: "n"): byte = 10
        case UInt8(ascii: "t"): byte = 9
        case UInt8(ascii: "r"): byte = 13
        case UInt8(ascii: "b"): byte = 8
        case UInt8(ascii: "f"): byte = 12
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = letter
        case UInt8(ascii: "u"):
            guard let scalar = scalar(line, &index) else { return false }
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                output.initializeElement(at: count, to: byte)
                count += 1
            }
            return true
        default: return false
        }
        output.initializeElement(at: count, to: byte)
        count += 1
        return true
    }

    /// Four hexadecimal digits, or two such groups for a surrogate pair; a lone half is U+FFFD.
    private static func scalar(
        _ line: UnsafeBufferPointer<UInt8>,
        _ index: inout Int
    ) -> Unicode.Scalar? {
        guard let first = hexadecimal(line, index) else { return nil }
        index += 4
        guard (0xD800..<0xDC00).contains(first) else {
            return Unicode.Scalar(first) ?? "\u{FFFD}"
        }
        guard index + 1 < line.count, line[index] == UInt8(ascii: "\\"),
            line[index + 1] == UInt8(ascii: "u"), let second = hexadecimal(line, index + 2),
            (0xDC00..<0xE000).contains(second)
        else { return "\u{FFFD}" }
        index += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private static func hexadecimal(
        _ line: UnsafeBufferPointer<UInt8>,
        _ start: Int
    ) -> UInt32? {
        guard start + 4 <= line.count else { return nil }
        var value: UInt32 = 0
        for index in start..<start + 4 {
            switch line[index] {
            case let digit where digit &- 48 <= 9: value = value << 4 | UInt32(digit - 48)
            case let digit where (digit | 32) &- 97 <= 5:
                value = value << 4 | UInt32((digit | 32) - 87)
            default: return nil
            }
        }
        return value
    }

    private struct Record: Decodable {
        var log: String
        var stream: String
        var time: String
    }

    private static func parseAny(_ line: UnsafeBufferPointer<UInt8>) -> LogLine? {
        // What is no such object is the caller's to handle; why does not matter.
        guard let record = try? JSONDecoder().decode(Record.self, from: Data(line)),
            let time = Timestamp(record.time)
        else { return nil }
        return LogLine(
            time: time,
            stream: LogLine.Stream(rawValue: record.stream) ?? .stdout,
            bytes: Array(record.log.utf8)
        )
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these bytes stand at the index.
    fileprivate func starts(_ bytes: [UInt8], at index: Int) -> Bool {
        guard index >= 0, index + bytes.count <= count, let base = baseAddress else { return false }
        return bytes.withUnsafeBufferPointer { wanted in
            wanted.baseAddress.map { memcmp(base + index, $0, bytes.count) == 0 } ?? true
        }
    }
}
