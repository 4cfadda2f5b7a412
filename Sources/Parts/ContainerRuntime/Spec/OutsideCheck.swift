package import Addresses

/// A health check that nothing in the container is executed for.
package enum OutsideCheck: Hashable, Codable, Sendable {
    /// A request in the container's network namespace; a status below 400 is healthy.
    case http(host: String, port: UInt16, path: String)
    /// A connection in the container's network namespace.
    case tcp(host: String, port: UInt16)
    /// A line of the present run's log that this regular expression matches.
    case log(pattern: String)

    /// Where it connects to; nil for what makes no connection.
    package var address: SocketAddress? {
        switch self {
        case .http(let host, let port, _), .tcp(let host, let port):
            SocketAddress(host, port: port)
        case .log: nil
        }
    }

    /// `http http://127.0.0.1:80/`, for who looks.
    package var words: [String] {
        switch self {
        case .http(_, _, let path): ["http", "http://\(address.map { "\($0)" } ?? "")\(path)"]
        case .tcp: ["tcp", address.map { "\($0)" } ?? ""]
        case .log(let pattern): ["log", pattern]
        }
    }
}

/// What a supervisor does with a container that becomes unhealthy.
package enum HealthAction: String, Hashable, Codable, Sendable {
    case restart, stop
}
