/// The conditions of `--filter key=value`, which may be given several times.
package struct Filters: Sendable {
    /// What was given, by key, in order.
    package private(set) var values: [String: [String]] = [:]

    /// `known` are the keys that the command understands, `flag` is how docker calls the option.
    package init(_ texts: [String], known: Set<String>, flag: String = "--filter") throws {
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw DockerViewsError(
                    .usage,
                    "invalid argument \"\(text)\" for \"\(flag)\" flag: "
                        + "invalid filter '\(text)' (missing '=')"
                )
            }
            let trimmed = Substring(parts[0].filter { $0 != " " })
            // `label!=x` comes apart at the second character of `!=`.
            let key = trimmed.lowercased()
            guard known.contains(key) else {
                throw DockerViewsError(.refused, "invalid filter '\(key)'")
            }
            values[key, default: []].append(String(parts[1]))
        }
    }

    /// What was given for a key, in order.
    package subscript(key: String) -> [String] { values[key] ?? [] }

    /// A condition that is true or false; nil when it was not given.
    package func flag(_ key: String) throws -> Bool? {
        guard let text = self[key].last else { return nil }
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": return true
        case "0", "f", "F", "false", "FALSE", "False": return false
        default: throw DockerViewsError(.refused, "invalid filter '\(key)=[\(text)]'")
        }
    }

    /// Whether labels meet every `label` and no `label!`; `key` alone asks for any value.
    package func match(labels: [String: String]) -> Bool {
        self["label"].allSatisfy { Self.has($0, labels) }
            && !self["label!"].contains { Self.has($0, labels) }
    }

    private static func has(_ wanted: String, _ labels: [String: String]) -> Bool {
        let parts = wanted.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let value = labels[String(parts[0])] else { return false }
        return parts.count == 1 || value == parts[1]
    }
}
