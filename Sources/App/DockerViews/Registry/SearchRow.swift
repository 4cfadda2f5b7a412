package import Registry

/// One line of `search`.
package enum SearchRow {
    /// The columns of the table.
    package static func listing(format: String) -> RowListing {
        RowListing(
            format: format,
            header: ["NAME", "DESCRIPTION", "STARS", "OFFICIAL"],
            cells: ["Name", "Description", "StarCount", "IsOfficial"]
        )
    }

    /// The fields of docker's rows.
    package static func fields(
        _ result: SearchResult,
        truncates: Bool
    ) -> [(name: String, value: String)] {
        let limit = 45
        let isCut = truncates && result.description.count > limit
        let description = isCut ? "\(result.description.prefix(limit - 1))…" : result.description
        return [
            ("Description", description), ("IsAutomated", result.isAutomated ? "[OK]" : ""),
            ("IsOfficial", result.isOfficial ? "[OK]" : ""), ("Name", result.name),
            ("StarCount", "\(result.stars)"),
        ]
    }
}
