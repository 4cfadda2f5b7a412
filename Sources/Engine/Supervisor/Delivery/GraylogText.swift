import Engine
import TextForms

/// A line as Graylog reads it: GELF 1.1, a JSON object.
enum GraylogText {
    static func message(_ line: SentLine, _ origin: LineOrigin) -> [UInt8] {
        var out: [UInt8] = []
        func add(_ name: String, _ value: String) {
            out.append(UInt8(ascii: out.isEmpty ? "{" : ","))
            JSONString.append(name, to: &out)
            out.append(UInt8(ascii: ":"))
            JSONString.append(value, to: &out)
        }
        add("version", "1.1")
        add("host", origin.host)
        add("short_message", String(decoding: line.text, as: UTF8.self))
        out += ",\"timestamp\":\(seconds(line.time)),\"level\":\(line.severity)".utf8
        add("_command", origin.command)
        add("_container_id", origin.id)
        add("_container_name", origin.name)
        add("_created", RFC3339.text(nanoseconds: origin.created.nanoseconds))
        add("_image_id", origin.image)
        add("_image_name", origin.imageName)
        add("_tag", origin.tag)
        for (name, value) in origin.attributes { add("_" + name, value) }
        return out + [UInt8(ascii: "}")]
    }

    /// With three digits behind the point.
    private static func seconds(_ time: Timestamp) -> String {
        let thousandths = time.nanoseconds / 1_000_000
        let below = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - below.count) + below
    }

    /// What one datagram takes, its head included.
    private static let chunkBytes = 1420
    private static let headBytes = 12
    private static let mostChunks = 128

    /// The datagrams of a message: one, or numbered pieces of a longer one, which share `identity`.
    /// One that is longer than the pieces may be in all is cut off.
    static func datagrams(of message: [UInt8], identity: UInt64) -> [[UInt8]] {
        guard message.count > chunkBytes else { return [message] }
        let room = chunkBytes - headBytes
        let chunks = Array(stride(from: 0, to: message.count, by: room).prefix(mostChunks))
        return chunks.enumerated().map { number, start in
            var chunk: [UInt8] = [0x1e, 0x0f]
            withUnsafeBytes(of: identity.bigEndian) { chunk += $0 }
            chunk += [UInt8(number), UInt8(chunks.count)]
            return chunk + message[start..<min(start + room, message.count)]
        }
    }
}
