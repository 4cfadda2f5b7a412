/// The PORTS column of `ps`: docker's grouping of ranges and its order.
enum PortColumn {
    struct Port: Hashable {
        /// Address of the host; nil when only exposed.
        var address: String?
        var published: Int?
        var target: Int
        var transport: String
    }

    /// One column's text, groups separated by a comma.
    static func text(_ ports: [Port]) -> String {
        var groups: [Key: (first: Int, last: Int)] = [:]
        var mapped: [(Port, String)] = []
        var ranges: [(Key, Int, Int)] = []
        for port in ports.sorted(by: before) {
            if let published = port.published, port.address != nil, published != port.target {
                let end = port.address.map(bracketed) ?? ""
                mapped.append((port, "\(end):\(published)->\(port.target)/\(port.transport)"))
                continue
            }
            let key = Key(address: port.address, transport: port.transport)
            guard let open = groups[key] else {
                groups[key] = (port.target, port.target)
                continue
            }
            if port.target == open.last + 1 {
                groups[key] = (open.first, port.target)
            } else if port.target != open.last {
                ranges.append((key, open.first, open.last))
                groups[key] = (port.target, port.target)
            }
        }
        for (key, open) in groups { ranges.append((key, open.first, open.last)) }
        let grouped = ranges.sorted { left, right in
            (left.1, left.0.transport, left.0.address ?? "")
                < (right.1, right.0.transport, right.0.address ?? "")
        }
        .map { key, first, last in
            let range = first == last ? "\(first)" : "\(first)-\(last)"
            guard let address = key.address else { return "\(range)/\(key.transport)" }
            return "\(bracketed(address)):\(range)->\(range)/\(key.transport)"
        }
        return (grouped + mapped.map(\.1)).joined(separator: ", ")
    }

    private struct Key: Hashable {
        var address: String?
        var transport: String
    }

    private static func before(_ left: Port, _ right: Port) -> Bool {
        (left.target, left.address ?? "", left.published ?? 0, left.transport)
            < (right.target, right.address ?? "", right.published ?? 0, right.transport)
    }

    private static func bracketed(_ address: String) -> String {
        address.contains(":") ? "[\(address)]" : address
    }
}
