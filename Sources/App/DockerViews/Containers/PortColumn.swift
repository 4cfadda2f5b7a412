import OrderedCollections

/// The PORTS column of `ps`: docker's grouping of ranges and its order.
enum PortColumn {
    struct Port: Hashable, Sendable {
        /// Address of the host; nil when only exposed.
        var address: String?
        var published: Int?
        var target: Int
        var transport: String
    }

    /// One column's text, groups separated by a comma: first the groups that ended before another
    /// of their kind began, then the last of each kind, then what has another port outside.
    static func text(_ ports: [Port]) -> String {
        var open: OrderedDictionary<Key, (first: Int, last: Int)> = [:]
        var ended: [String] = []
        var mapped: [String] = []
        for port in ordered(ports) {
            if let address = port.address, let published = port.published,
                published != port.target
            {
                let outside = "\(bracketed(address)):\(published)"
                mapped.append("\(outside)->\(port.target)/\(port.transport)")
                continue
            }
            let key = Key(address: port.address, transport: port.transport)
            guard let group = open[key] else {
                open[key] = (port.target, port.target)
                continue
            }
            if port.target == group.last + 1 {
                open[key] = (group.first, port.target)
            } else {
                ended.append(key.text(group.first, group.last))
                open[key] = (port.target, port.target)
            }
        }
        let last = open.map { $0.key.text($0.value.first, $0.value.last) }
        return (ended + last + mapped).joined(separator: ", ")
    }

    /// By the container's port, then by address.
    static func ordered(_ ports: [Port]) -> [Port] { ports.sorted(by: before) }

    private struct Key: Hashable {
        var address: String?
        var transport: String

        func text(_ first: Int, _ last: Int) -> String {
            let range = first == last ? "\(first)" : "\(first)-\(last)"
            guard let address else { return "\(range)/\(transport)" }
            return "\(bracketed(address)):\(range)->\(range)/\(transport)"
        }
    }

    private static func before(_ left: Port, _ right: Port) -> Bool {
        (left.target, left.address ?? "", left.published ?? 0, left.transport)
            < (right.target, right.address ?? "", right.published ?? 0, right.transport)
    }

    private static func bracketed(_ address: String) -> String {
        address.contains(":") ? "[\(address)]" : address
    }
}
