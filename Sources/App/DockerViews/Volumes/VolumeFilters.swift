package import Engine

/// The conditions of `volume ls --filter`.
package struct VolumeFilters: Sendable {
    private let filters: Filters

    /// Reads `dangling`, `driver`, `label` and `name`.
    package init(_ texts: [String]) throws {
        filters = try Filters(
            texts,
            known: ["dangling", "driver", "label", "name"],
            flag: "-f, --filter"
        )
        _ = try filters.flag("dangling")
    }

    /// Whether a volume meets them; `isUsed` is whether a container has it.
    package func show(_ volume: VolumeRecord, isUsed: Bool) throws -> Bool {
        if let isDangling = try filters.flag("dangling"), isDangling == isUsed { return false }
        let (drivers, names) = (filters["driver"], filters["name"])
        guard drivers.isEmpty || drivers.contains(volume.driver) else { return false }
        guard names.isEmpty || names.contains(where: { volume.name.contains($0) }) else {
            return false
        }
        return filters.match(labels: volume.labels)
    }
}
