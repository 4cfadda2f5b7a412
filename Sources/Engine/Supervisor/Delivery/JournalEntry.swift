import Engine

/// A line as systemd's journal takes it: its native protocol, one datagram of fields.
enum JournalEntry {
    /// A datagram has to fit into the socket's buffer: longer lines are several entries.
    private static let mostBytes = 48 << 10

    static func messages(_ line: SentLine, _ origin: LineOrigin) -> [[UInt8]] {
        let starts = stride(from: 0, to: max(line.text.count, 1), by: mostBytes)
        return starts.map { start in
            let end = min(start + mostBytes, line.text.count)
            let isPartial = end < line.text.count
            return message(Array(line.text[start..<end]), isPartial, line, origin)
        }
    }

    private static func message(
        _ text: [UInt8],
        _ isPartial: Bool,
        _ line: SentLine,
        _ origin: LineOrigin
    ) -> [UInt8] {
        var out: [UInt8] = []
        append("MESSAGE", text, to: &out)
        let fields: [(String, String)] =
            [
                ("PRIORITY", String(line.severity)),
                ("SYSLOG_IDENTIFIER", origin.tag),
                ("SYSLOG_TIMESTAMP", line.time.description),
                ("CONTAINER_ID", origin.shortID),
                ("CONTAINER_ID_FULL", origin.id),
                ("CONTAINER_NAME", origin.name),
                ("CONTAINER_TAG", origin.tag),
                ("IMAGE_NAME", origin.imageName),
            ] + origin.attributes.map { (name($0.name), $0.value) }
            + (isPartial ? [("CONTAINER_PARTIAL_MESSAGE", "true")] : [])
        for (name, value) in fields where !name.isEmpty {
            append(name, Array(value.utf8), to: &out)
        }
        return out
    }

    /// `NAME=value`; a value with newlines is counted: name, newline, length, value.
    private static func append(_ name: String, _ value: [UInt8], to out: inout [UInt8]) {
        out += name.utf8
        if value.contains(UInt8(ascii: "\n")) {
            out.append(UInt8(ascii: "\n"))
            withUnsafeBytes(of: UInt64(value.count).littleEndian) { out += $0 }
        } else {
            out.append(UInt8(ascii: "="))
        }
        out += value
        out.append(UInt8(ascii: "\n"))
    }

    /// The name of a field: upper case, and neither a digit nor `_` first, which is the journal's own.
    private static func name(_ text: String) -> String {
        let name = text.uppercased().utf8.map { byte in
            (65...90).contains(byte) || (48...57).contains(byte) ? byte : UInt8(ascii: "_")
        }
        let kept = name.drop { $0 == UInt8(ascii: "_") || (48...57).contains($0) }
        return String(decoding: kept.prefix(64), as: UTF8.self)
    }
}
