package import Addresses

/// How names are looked up in a container: `dns`, `dns_search`, `dns_opt`.
package struct NameServiceDeclaration: Hashable, Codable, Sendable {
    /// compose-spec `servers`.
    package var servers: [IPAddress] = []
    /// compose-spec `search`.
    package var search: [String] = []
    /// compose-spec `options`.
    package var options: [String] = []
    /// Says nothing yet.
    package init() {}
}

/// One element of `extra_hosts`: a name, and one of its addresses.
package struct HostEntry: Hashable, Codable, Sendable {
    /// Where a name leads.
    package enum Address: Hashable, Codable, Sendable {
        case address(IPAddress)
        /// The host, as the container reaches it: `host-gateway`.
        case hostGateway
    }

    /// compose-spec `name`.
    package var name: String
    /// compose-spec `address`.
    package var address: Address

    /// Reads `NAME=ADDRESS`, the canonical form; nil for anything else.
    package init?(_ text: String) {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else { return nil }
        name = String(text[..<equals])
        guard Self.isName(text[..<equals]) else { return nil }
        let rest = String(text[text.index(after: equals)...])
        if rest == "host-gateway" {
            address = .hostGateway
        } else if let known = IPAddress(rest) {
            address = .address(known)
        } else {
            return nil
        }
    }

    /// A line of `/etc/hosts` is to stay one line, of one address.
    static func isName(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "#") }
    }
}
