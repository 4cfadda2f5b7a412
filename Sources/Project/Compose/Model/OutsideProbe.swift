import Addresses

/// What of a container is asked for its health from outside of it, for images that have no shell.
/// `x-berth.healthcheck`.
package enum OutsideProbe: Hashable, Codable, Sendable {
    /// A request to this address of the container's own network; below 400 is healthy.
    case http(host: String, port: UInt16, path: String)
    /// Whether a connection can be made.
    case tcp(host: String, port: UInt16)
    /// A line of the present run's log is matched by this regular expression.
    case log(pattern: String)

    /// `http://localhost:8080/health`; nil for anything else.
    init?(http text: String) {
        let start = "http://"
        guard text.lowercased().hasPrefix(start) else { return nil }
        let rest = text.dropFirst(start.count)
        let place = rest.prefix { $0 != "/" && $0 != "?" }
        var path = String(rest[place.endIndex...])
        if !path.hasPrefix("/") { path = "/" + path }
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }),
            let (host, port) = Self.place(place, usual: 80)
        else { return nil }
        self = .http(host: host, port: port, path: path)
    }

    /// `5432`, `127.0.0.1:5432`; nil for anything else.
    init?(tcp text: String) {
        if let port = UInt16(text), port > 0 {
            self = .tcp(host: Self.local, port: port)
            return
        }
        guard let (host, port) = Self.place(text[...], usual: nil) else { return nil }
        self = .tcp(host: host, port: port)
    }

    /// A regular expression; nil for what is none.
    init?(log text: String) {
        // `try?`: that it cannot be read is the answer.
        guard (try? Regex(text)) != nil else { return nil }
        self = .log(pattern: text)
    }

    private static let local = "127.0.0.1"

    /// `localhost:80`, `10.0.0.1`, `[::1]:80`. Names are not looked up: they are the container's.
    private static func place(_ text: Substring, usual: UInt16?) -> (String, UInt16)? {
        var host = text
        var port = usual
        let closing = text.lastIndex(of: "]")
        let colon = text.lastIndex(of: ":")
        if let colon, closing.map({ $0 < colon }) ?? true {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else {
                return nil
            }
            (host, port) = (text[..<colon], number)
        }
        guard let port else { return nil }
        if host.isEmpty || host == "localhost" { return (local, port) }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard case .v6? = IPAddress(String(host)) else { return nil }
        } else {
            guard case .v4? = IPAddress(String(host)) else { return nil }
        }
        return (String(host), port)
    }
}

/// What follows when a container becomes unhealthy. `x-berth.on_unhealthy`.
package enum UnhealthyAction: String, Hashable, Codable, Sendable, CaseIterable {
    case restart, stop
}
