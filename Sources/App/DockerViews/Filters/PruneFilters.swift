package import Engine

/// The conditions of `system prune`: labels, and the time before which a thing was made.
package struct PruneFilters: Sendable {
    private let filters: Filters
    /// What was made or used since then stays.
    package let until: Timestamp?

    /// Reads `until=TIME`, `label=KEY[=VALUE]` and `label!=…`.
    package init(_ texts: [String]) throws {
        filters = try Filters(texts, known: ["until", "label", "label!"])
        until = try filters["until"].last.map { try TimeOption.parse($0) }
    }

    /// Whether nothing was asked.
    package var isEmpty: Bool { filters.values.isEmpty }

    /// Whether labels were asked for, which the build cache does not have.
    package var hasLabels: Bool { !filters["label"].isEmpty || !filters["label!"].isEmpty }

    /// Whether a time was asked, which volumes know nothing of.
    package var hasTime: Bool { until != nil }

    /// Whether a thing is meant that was made then.
    package func mean(_ created: Timestamp, _ labels: [String: String]) -> Bool {
        if let until, created >= until { return false }
        return mean(labels)
    }

    /// Whether a thing is meant that has these labels.
    package func mean(_ labels: [String: String]) -> Bool { filters.match(labels: labels) }
}
