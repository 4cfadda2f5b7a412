import FoundationEssentials
import Glibc
import TextForms

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
            let found = closed.withUnsafeBufferPointer {
                JSONString.unescape($0, from: head.count)
            }
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
        guard line.starts(head, at: 0), let text = JSONString.unescape(line, from: head.count)
        else {
            return nil
        }
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
            let time = RFC3339.parse(UnsafeBufferPointer(rebasing: line[start..<stop]))
        else { return nil }
        return LogLine(time: Timestamp(nanoseconds: time), stream: stream, bytes: text.bytes)
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
