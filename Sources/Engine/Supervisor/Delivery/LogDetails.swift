import ContainerRuntime
package import Engine

/// What goes with each line of a container's log, as `docker logs --details` shows it.
package enum LogDetails {
    /// `a=1,tag=x`, sorted by name, both sides as in the query of an address; empty where the log
    /// driver was asked for nothing.
    ///
    /// Docker's json-file writes it beside each line. Nothing of it changes while a container exists,
    /// so that it is found when it is asked for.
    /// - Throws: what the tag's template, or an expression, throws.
    package static func text(of record: ContainerRecord) throws -> String {
        let spec = try record.spec
        guard let marks = spec.log.marks else { return "" }
        let origin = try LineOrigin(record, spec, marks)
        var details = Dictionary(origin.attributes.map { ($0.name, $0.value) }) { $1 }
        if marks.tag != nil { details["tag"] = origin.tag }
        return details.sorted { $0.key < $1.key }
            .map { "\(escaped($0.key))=\(escaped($0.value))" }.joined(separator: ",")
    }

    /// As in the query of an address: Go's `url.QueryEscape`.
    static func escaped(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
