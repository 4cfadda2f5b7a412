package import Engine
import TextForms

/// The conditions of `builder du` and `builder prune`, in BuildKit's words.
package struct BuildCacheFilters: Sendable {
    private let filters: Filters
    /// How long nobody may have used a thing that is meant, in nanoseconds; nil where nothing was said.
    package let unusedFor: Int64?
    /// `keep-storage=SIZE`, which older versions of docker take here.
    package let keptBytes: Int64?

    private static let known: Set<String> = [
        "until", "unused-for", "id", "type", "description", "inuse", "shared", "private", "mutable",
        "immutable", "keep-storage", "reserved-space",
    ]

    /// Reads `until=24h`, `id=…`, `type=…`, `description=…` and the words `inuse`, `shared`, `private`,
    /// `mutable`, `immutable`, which need no value.
    package init(_ texts: [String]) throws {
        let words: Set<String> = ["inuse", "shared", "private", "mutable", "immutable"]
        filters = try Filters(
            texts.map { words.contains($0) ? $0 + "=true" : $0 },
            known: Self.known
        )
        for (key, values) in filters.values where values.count > 1 {
            throw DockerViewsError(.refused, "filters expect only one value: \(key)")
        }
        for word in words { _ = try filters.flag(word) }
        let (until, unused) = (filters["until"].last, filters["unused-for"].last)
        guard until == nil || unused == nil else {
            throw DockerViewsError(.refused, "conflicting filters \"until\" and \"unused-for\"")
        }
        unusedFor = try (until ?? unused).map { text in
            guard let duration = GoDuration.parse(text), duration >= 0 else {
                let key = until == nil ? "unused-for" : "until"
                throw DockerViewsError(
                    .refused,
                    "\"\(key)\" filter expects a duration (e.g., '24h'): "
                        + "time: invalid duration \"\(text)\""
                )
            }
            return duration
        }
        keptBytes = try (filters["keep-storage"].last ?? filters["reserved-space"].last).map {
            guard let bytes = ByteSize.parse($0), bytes >= 0 else {
                throw DockerViewsError(.refused, "invalid size: '\($0)'")
            }
            return bytes
        }
    }

    /// Whether a thing is meant; its age is not looked at.
    package func mean(_ item: BuildCacheItem) -> Bool {
        let flags = [
            "inuse": item.isInUse, "shared": item.isShared, "private": !item.isShared,
            "mutable": item.isMutable, "immutable": !item.isMutable,
        ]
        for (key, value) in flags {
            // Read once already.
            if let wanted = try? filters.flag(key), wanted != value { return false }
        }
        return filters["id"].allSatisfy { item.id.contains($0) }
            && filters["type"].allSatisfy { item.kind == $0 }
            && filters["description"].allSatisfy { item.text == $0 }
    }
}
