package import Registry

/// The conditions of `search --filter`.
package struct SearchFilter: Sendable {
    private var isOfficial: Bool?
    private var isAutomated: Bool?
    private var leastStars = 0

    /// Reads `is-official=BOOL`, `is-automated=BOOL` and `stars=NUMBER`.
    package init(_ texts: [String]) throws {
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw DockerViewsError(
                    .usage,
                    "invalid argument \"\(text)\" for \"-f, --filter\" flag: "
                        + "invalid filter '\(text)' (missing '=')"
                )
            }
            switch parts[0].lowercased() {
            case "is-official": isOfficial = try Self.truth(parts)
            case "is-automated": isAutomated = try Self.truth(parts)
            case "stars":
                guard let stars = Int(parts[1]), stars >= 0 else {
                    throw DockerViewsError(.refused, "invalid filter 'stars=[\(parts[1])]'")
                }
                leastStars = max(leastStars, stars)
            default: throw DockerViewsError(.refused, "invalid filter '\(parts[0])'")
            }
        }
    }

    /// Whether a result meets all of them.
    package func lets(_ result: SearchResult) -> Bool {
        result.stars >= leastStars && isOfficial ?? result.isOfficial == result.isOfficial
            && isAutomated ?? result.isAutomated == result.isAutomated
    }

    private static func truth(_ parts: [String]) throws -> Bool {
        switch parts[1] {
        case "1", "true": return true
        case "0", "false": return false
        default: throw DockerViewsError(.refused, "invalid filter '\(parts[0])=[\(parts[1])]'")
        }
    }
}
