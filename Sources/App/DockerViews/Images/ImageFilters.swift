package import Engine
import OCI

/// The conditions that `image ls` and `image prune` know.
package struct ImageFilters: Sendable {
    private let filters: Filters
    /// What was asked of `dangling`; nil when nothing was.
    package let wantsDangling: Bool?
    private let dangling: Bool?
    private let after: Timestamp?
    private let before: Timestamp?
    private let until: Timestamp?

    /// What `image ls` knows.
    package static let listing: Set<String> = [
        "dangling", "label", "label!", "before", "since", "reference", "until",
    ]
    /// What `image prune` knows.
    package static let pruning: Set<String> = ["dangling", "label", "label!", "until"]

    /// `created` says when an image was made that a condition names.
    package init(
        _ texts: [String],
        known: Set<String> = listing,
        flag: String = "--filter",
        created: (String) async throws -> Timestamp?
    ) async throws {
        filters = try Filters(texts, known: known, flag: flag)
        wantsDangling = try filters.flag("dangling")
        // For prune it says how far to go, and is no condition on each image.
        dangling = known == Self.pruning ? nil : wantsDangling
        after = try await Self.moment(filters["since"].last, created)
        before = try await Self.moment(filters["before"].last, created)
        until = try filters["until"].last.map { try TimeOption.parse($0) }
    }

    private static func moment(
        _ name: String?,
        _ created: (String) async throws -> Timestamp?
    ) async throws -> Timestamp? {
        guard let name else { return nil }
        return try await created(name)
    }

    /// The image with the names that are meant; nil when it is not meant at all.
    package func apply(_ image: KnownImage) -> KnownImage? {
        if let dangling, dangling != image.isDangling { return nil }
        if let after, image.moment <= after.nanoseconds { return nil }
        if let before, image.moment >= before.nanoseconds { return nil }
        if let until, image.moment >= until.nanoseconds { return nil }
        guard filters.match(labels: image.configuration.config.labels) else { return nil }
        let patterns = filters["reference"]
        guard !patterns.isEmpty else { return image }
        var image = image
        func isMeant(_ name: ImageReference) -> Bool {
            patterns.contains { name.matches(pattern: $0) }
        }
        image.tags = image.tags.filter(isMeant)
        image.digests = image.digests.filter(isMeant)
        return image.tags.isEmpty && image.digests.isEmpty ? nil : image
    }
}
