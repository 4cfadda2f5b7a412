package import Engine
import GoTemplate
import TextForms

/// What the build cache holds, as buildx shows it.
package struct BuildCacheReport {
    private let items: [BuildCacheItem]
    private let now: Timestamp

    /// Shows `items` in their order.
    package init(_ items: [BuildCacheItem], now: Timestamp = .now()) {
        self.items = items
        self.now = now
    }

    /// What `du` prints: a row each, and how much it is together.
    package func lines(format: String) throws -> [String] {
        let columns: [RowListing.Column] = [
            .init("ID", "ID"), .init("Reclaimable", "RECLAIMABLE"), .init("Size", "SIZE"),
            .init("LastUsedAt", "LAST ACCESSED"),
        ]
        switch format {
        case "pretty": return details + totals
        case "", "table":
            let rows = items.map { item in
                RowListing.row([
                    ("ID", item.id + (item.isMutable ? "*" : "")),
                    ("Reclaimable", "\(!item.isInUse)"),
                    (
                        "Size",
                        HumanSize.decimal(Double(item.bytes), digits: 4)
                            + (item.isShared ? "*" : "")
                    ),
                    ("LastUsedAt", HumanTime.ago(item.lastUsed, now: now)),
                ])
            }
            return try RowListing(format: "table", columns: columns).lines(rows) + totals
        default:
            return try RowListing(format: format, columns: columns).lines(items.map(document))
        }
    }

    /// What `prune` prints of things that it has removed; nothing of none.
    package var removed: [String] {
        guard !items.isEmpty else { return [] }
        return ["ID\t\t\t\t\t\tRECLAIMABLE\tSIZE\t\tLAST ACCESSED"]
            + items.map { item in
                let id = item.id + (item.isMutable ? "*" : "")
                return Self.padded(id, 40) + "\ttrue \t\t"
                    + Self.padded(HumanSize.decimal(Double(item.bytes), digits: 4), 10)
                    + "\t" + HumanTime.ago(item.lastUsed, now: now)
            }
    }

    /// The same with everything that is known of each.
    package var details: [String] { items.flatMap { pretty($0) } }

    /// How much was removed.
    package static func total(_ bytes: Int64) -> String {
        "Total:\t\(HumanSize.decimal(Double(bytes), digits: 4))"
    }

    private var totals: [String] {
        func sum(_ wanted: (BuildCacheItem) -> Bool) -> String {
            let bytes = items.filter(wanted).reduce(0) { $0 + $1.bytes }
            return HumanSize.decimal(Double(bytes), digits: 4)
        }
        var lines: [String] = []
        if items.contains(where: { $0.isShared && $0.bytes > 0 }) {
            lines += [
                "Shared:\t\t\(sum { $0.isShared })", "Private:\t\(sum { !$0.isShared })",
            ]
        }
        return lines + ["Reclaimable:\t\(sum { !$0.isInUse })", "Total:\t\t\(sum { _ in true })"]
    }

    private func pretty(_ item: BuildCacheItem) -> [String] {
        var lines = [
            ("ID", item.id), ("Created at", HumanTime.precise(item.created)),
            ("Mutable", "\(item.isMutable)"), ("Reclaimable", "\(!item.isInUse)"),
            ("Shared", "\(item.isShared)"),
            ("Size", HumanSize.decimal(Double(item.bytes), digits: 4)),
        ]
        if !item.text.isEmpty { lines.append(("Description", item.text)) }
        lines += [
            ("Usage count", item.uses.map { "\($0)" } ?? "N/A"),
            ("Last used", HumanTime.ago(item.lastUsed, now: now)), ("Type", item.kind),
        ]
        return lines.map { Self.padded($0.0 + ":", 14) + VisibleText.escaped($0.1) } + [""]
    }

    private func document(_ item: BuildCacheItem) -> GoMap {
        RowListing.row(
            [
                ("CreatedAt", .string(HumanTime.precise(item.created))),
                ("Description", .string(item.text)), ("ID", .string(item.id)),
                ("LastUsedAt", .string(HumanTime.ago(item.lastUsed, now: now))),
                ("Mutable", .bool(item.isMutable)), ("Parents", .null),
                ("Reclaimable", .bool(!item.isInUse)), ("Shared", .bool(item.isShared)),
                ("Size", .string(HumanSize.decimal(Double(item.bytes), digits: 4))),
                ("Type", .string(item.kind)), ("UsageCount", .integer(Int64(item.uses ?? 0))),
            ],
            of: "*commands.diskusageContext"
        )
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
