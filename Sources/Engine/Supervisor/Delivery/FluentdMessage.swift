import Engine

/// A line as Fluentd's forward protocol has it: `[tag, time, record]` in MessagePack.
enum FluentdMessage {
    static func message(_ line: SentLine, _ origin: LineOrigin, isPrecise: Bool) -> [UInt8] {
        var out: [UInt8] = [0x93]
        append(text: origin.tag, to: &out)
        append(line.time, isPrecise: isPrecise, to: &out)
        let fields: [(String, [UInt8])] =
            [
                ("container_id", Array(origin.id.utf8)),
                ("container_name", Array("/\(origin.name)".utf8)),
                ("source", Array((line.isError ? "stderr" : "stdout").utf8)),
                ("log", line.text),
            ] + origin.attributes.map { ($0.name, Array($0.value.utf8)) }
        // map 16
        out.append(0xde)
        append(UInt16(fields.count), to: &out)
        for (name, value) in fields {
            append(text: name, to: &out)
            append(value, to: &out)
        }
        return out
    }

    private static func append(text: String, to out: inout [UInt8]) {
        append(Array(text.utf8), to: &out)
    }

    /// A string: fixstr, str 8, str 16 or str 32.
    private static func append(_ bytes: [UInt8], to out: inout [UInt8]) {
        switch bytes.count {
        case ..<32: out.append(0xa0 | UInt8(bytes.count))
        case ..<256: out += [0xd9, UInt8(bytes.count)]
        case ..<65536:
            out.append(0xda)
            append(UInt16(bytes.count), to: &out)
        default:
            out.append(0xdb)
            append(UInt32(bytes.count), to: &out)
        }
        out += bytes
    }

    /// Seconds, or the extension EventTime: seconds and nanoseconds of 32 bits each.
    private static func append(_ time: Timestamp, isPrecise: Bool, to out: inout [UInt8]) {
        let seconds = UInt32(clamping: time.nanoseconds / 1_000_000_000)
        out += isPrecise ? [0xd7, 0x00] : [0xce]
        append(seconds, to: &out)
        if isPrecise { append(UInt32(time.nanoseconds % 1_000_000_000), to: &out) }
    }

    private static func append(_ number: some FixedWidthInteger, to out: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { out += $0 }
    }
}
