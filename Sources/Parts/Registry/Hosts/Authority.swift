import Addresses

/// `host[:port]`, as it stands in references, addresses and names of folders.
struct Authority: Hashable, Sendable {
    /// Lower case; an IPv6 address without its brackets.
    var host: String
    var port: Int?

    /// Nil when there is no host, or the port is not valid.
    init?(_ text: some StringProtocol) {
        var host = text[...]
        var port: Int?
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]"),
            text.first == "[" || text.firstIndex(of: ":") == colon
        {
            host = text[..<colon]
            let digits = text[text.index(after: colon)...]
            guard let number = UInt16(digits), !digits.hasPrefix("+") else { return nil }
            port = Int(number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains(where: { "/@?#\\ ".contains($0) }) else { return nil }
        self.host = host.lowercased()
        self.port = port
    }

    init(host: String, port: Int?) {
        self.host = host
        self.port = port
    }

    /// This machine: `localhost`, 127.0.0.0/8 and ::1.
    var isLoopback: Bool { host == "localhost" || IPAddress(host: host)?.isLoopback == true }

    var text: String {
        let written = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(written):\($0)" } ?? written
    }
}
