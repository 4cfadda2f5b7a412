import Addresses
import Engine
package import GoTemplate

/// One line of docker's `network ls`.
package enum NetworkRow {
    /// How it is shown in a form.
    package static func listing(format: String, onlyIdentifiers: Bool) -> RowListing {
        let text =
            switch format {
            case "", "table": onlyIdentifiers ? "{{.ID}}" : "table"
            case "raw":
                onlyIdentifiers
                    ? "network_id: {{.ID}}"
                    : "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\n"
                        + "scope: {{.Scope}}\n"
            default: format
            }
        return RowListing(
            format: text,
            columns: [
                .init("ID", "NETWORK ID"), .init("Name", "NAME"), .init("Driver", "DRIVER"),
                .init("Scope", "SCOPE"),
            ],
            others: [
                .init("IPv4", "IPV4"), .init("IPv6", "IPV6"), .init("Internal", "INTERNAL"),
                .init("Labels", "LABELS"), .init("CreatedAt", "CREATED AT"),
            ]
        )
    }

    /// The members of docker's JSON, in its order.
    package static func row(_ network: ListedNetwork, truncates: Bool) -> GoMap {
        let labels = network.labels
        let text = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            .joined(separator: ",")
        var created = "0001-01-01 00:00:00 +0000 UTC"
        if case .own(let record) = network { created = HumanTime.precise(record.createdAt) }
        return RowListing.row(
            [
                ("CreatedAt", .string(created)), ("Driver", .string(network.driver)),
                ("ID", .string(truncates ? String(network.id.prefix(12)) : network.id)),
                ("IPv4", .string("\(network.has(.v4))")),
                ("IPv6", .string("\(network.has(.v6))")),
                ("Internal", .string("\(network.isInternal)")), ("Labels", .string(text)),
                ("Name", .string(network.name)), ("Scope", .string("local")),
            ],
            of: "*formatter.networkContext"
        ) { labels[$0] ?? "" }
    }
}

/// The conditions of `network ls --filter`.
package struct NetworkFilters: Sendable {
    private let filters: Filters

    /// Reads `driver`, `id`, `label`, `name`, `scope`, `type` and `dangling`.
    package init(_ texts: [String]) throws {
        filters = try Filters(
            texts,
            known: ["driver", "id", "label", "name", "scope", "type", "dangling"],
            flag: "-f, --filter"
        )
        _ = try filters.flag("dangling")
        for type in filters["type"] where !["custom", "builtin"].contains(type) {
            throw DockerViewsError(.refused, "invalid filter: 'type'='\(type)'")
        }
    }

    /// Whether a network meets them; `isUsed` is whether a container is on it.
    package func show(_ network: ListedNetwork, isUsed: Bool) throws -> Bool {
        func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
            filters[key].isEmpty || filters[key].contains(where: holds)
        }
        if let isDangling = try filters.flag("dangling") {
            guard isDangling == (!isUsed && !network.isPredefined) else { return false }
        }
        return any("driver") { $0 == network.driver } && any("id") { network.id.hasPrefix($0) }
            && any("name") { network.name.contains($0) } && any("scope") { $0 == "local" }
            && any("type") { ($0 == "builtin") == network.isPredefined }
            && filters.match(labels: network.labels)
    }
}
