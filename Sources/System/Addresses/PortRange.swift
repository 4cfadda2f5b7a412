/// The numbers of a range of ports, both ends included; one port is a range of one.
package struct PortRange: Hashable, Codable, Sendable {
    package var first: UInt16
    /// Not below `first`.
    package var last: UInt16

    package init(_ first: UInt16, _ last: UInt16) {
        self.first = first
        self.last = last
    }

    /// Reads `80` and `80-90`; nil for what is neither, runs backwards, or has a port below `lowest`.
    package init?(_ text: some StringProtocol, lowest: UInt16 = 1) {
        let dash = text.utf8.firstIndex(of: UInt8(ascii: "-"))
        guard text.utf8.first != UInt8(ascii: "+"),
            let first = UInt16(text[..<(dash ?? text.endIndex)]), first >= lowest
        else { return nil }
        var last = first
        if let dash {
            let rest = text[text.utf8.index(after: dash)...]
            guard rest.utf8.first != UInt8(ascii: "+"), let end = UInt16(rest) else { return nil }
            last = end
        }
        guard last >= first else { return nil }
        self.init(first, last)
    }

    package var count: Int { Int(last - first) + 1 }

    /// Whether `port` lies in the range, its ends included.
    package func contains(_ port: UInt16) -> Bool { first <= port && port <= last }
}

extension PortRange: CustomStringConvertible {
    /// As compose files have it.
    package var description: String { first == last ? "\(first)" : "\(first)-\(last)" }
}

/// What speaks at a port, as compose files and images call it.
package enum PortProtocol: String, Hashable, Codable, Sendable, CaseIterable {
    case tcp, udp, sctp
}
