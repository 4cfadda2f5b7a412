/// Where a log driver sends what it gets: `udp://10.0.0.1:514`, `unix:///dev/log`.
package struct LogAddress: Hashable, Sendable {
    /// How it is reached.
    package enum Transport: String, Hashable, Sendable { case tcp, udp, unix, unixgram }

    /// How the server is reached.
    package var transport: Transport
    /// A name or an address; of Unix sockets, the absolute path.
    package var place: String
    /// Of TCP and UDP.
    package var port: UInt16?

    /// `ADDRESS:PORT` and URLs of what is listened to, by the rules of one driver.
    struct Rule {
        var transports: [Transport]
        /// Of an address without `scheme://`; nil where one has to be there.
        var usual: Transport?
        /// Where none is written; nil where one has to be.
        var port: UInt16?
        var example: String
    }

    /// Reads what a file says.
    init(_ text: String, _ rule: Rule) throws(LogAddressError) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        let scheme = parts.count == 2 ? String(parts[0]) : nil
        guard let transport = scheme.map(Transport.init(rawValue:)) ?? rule.usual,
            rule.transports.contains(transport)
        else {
            let isSecure = ["tcp+tls", "tls"].contains(scheme)
            throw LogAddressError(
                isSecure
                    ? "\"\(text)\": connections with TLS are not supported yet"
                    : "\"\(text)\" is not the address of a log server",
                hint: rule.example
            )
        }
        self.transport = transport
        let rest = parts.last.map(String.init) ?? ""
        guard transport != .unix, transport != .unixgram else {
            guard rest.hasPrefix("/"), rest.utf8.count < 108 else {
                throw LogAddressError(
                    "\"\(text)\" names no socket by its absolute path",
                    hint: "\(transport.rawValue):///dev/log"
                )
            }
            place = rest
            return
        }
        guard let (host, port) = Self.parts(of: rest, rule.port) else {
            throw LogAddressError(
                "\"\(text)\" is not the address of a log server",
                hint: rule.example
            )
        }
        (place, self.port) = (host, port)
    }

    /// `name:514`, `[::1]:514`, and the host alone where the port has a default.
    private static func parts(of text: String, _ usual: UInt16?) -> (String, UInt16)? {
        var host = Substring(text)
        var port = usual
        let end = text.lastIndex(of: ":")
        if let end, text[end...].allSatisfy({ $0 != "]" }) {
            guard let number = UInt16(text[text.index(after: end)...]), number > 0 else {
                return nil
            }
            port = number
            host = text[..<end]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        let isName = host.utf8.allSatisfy { byte in byte > 32 && byte < 127 && byte != 47 }
        guard !host.isEmpty, isName, host.utf8.count < 256, let port else { return nil }
        return (String(host), port)
    }
}

/// What is wrong with an address, and what would be right.
struct LogAddressError: Error {
    var message: String
    var hint: String

    init(_ message: String, hint: String) {
        self.message = message
        self.hint = hint
    }
}
