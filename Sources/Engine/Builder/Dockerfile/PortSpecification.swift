/// One argument of EXPOSE: `[address:][host port:]port[-port][/protocol]`.
enum PortSpecification {
    /// The container's ports, `80/tcp`; only they mean something to an image.
    static func ports(of text: String) throws(InstructionError) -> [String] {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let transport = parts.count > 1 ? parts[1].lowercased() : "tcp"
        let port = (parts.first ?? "").split(separator: ":", omittingEmptySubsequences: false).last
        guard let port, !port.isEmpty else {
            throw InstructionError("invalid port: \"\(text)\": no port specified")
        }
        guard ["tcp", "udp", "sctp"].contains(transport) else {
            throw InstructionError("invalid proto: \(transport)")
        }
        let ends = port.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = UInt16(ends[0]), let last = UInt16(ends.last ?? ""), first <= last,
            ends.allSatisfy({ $0.utf8.allSatisfy(ASCII.isDigit) })
        else { throw InstructionError("invalid containerPort: \(port)") }
        return (first...last).map { "\($0)/\(transport)" }
    }
}
