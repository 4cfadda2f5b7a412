import OCI
import Testing

@testable import Builder
@testable import Engine

@Suite("what goes of the build cache")
struct BuildCachePruningTests {
    private static func item(
        _ name: String,
        bytes: Int64,
        used: Int64,
        kind: BuildCacheEntry.Kind = .step,
        isShared: Bool = false,
        isInUse: Bool = false
    ) -> BuildCacheItem {
        let entry = BuildCacheEntry(
            id: name,
            kind: kind,
            text: "RUN \(name)",
            created: 0,
            lastUsed: used,
            uses: 1,
            isInUse: isInUse,
            place: .layer(.of(Array(name.utf8)))
        )
        return BuildCacheItem(entry, bytes: bytes, isShared: isShared)
    }

    private static let items = [
        item("old", bytes: 10, used: 1), item("young", bytes: 20, used: 9),
        item("middle", bytes: 40, used: 5), item("image", bytes: 80, used: 2, isShared: true),
        item("mount", bytes: 100, used: 3, kind: .mount),
        item("busy", bytes: 200, used: 0, kind: .mount, isInUse: true),
    ]

    /// What is asked of a rule.
    private struct Wish: Sendable {
        var shared = false
        var unusedSince: Int64?
        var onlyMounts = false
        var reserved: Int64 = 0
        var maximum: Int64 = 0
        var free: Int64 = 0

        var rule: BuildCachePruning {
            var rule = BuildCachePruning()
            rule.takesShared = shared
            rule.unusedSince = unusedSince
            if onlyMounts { rule.means = { $0.isMutable } }
            rule.reservedBytes = reserved
            rule.maximumBytes = maximum
            rule.freeBytes = free
            return rule
        }
    }

    @Test(
        "a rule takes what it means, those first that were used longest ago",
        arguments: [
            (Wish(), ["old", "mount", "middle", "young"]),
            (Wish(shared: true), ["old", "image", "mount", "middle", "young"]),
            (Wish(unusedSince: 5), ["old", "mount"]), (Wish(onlyMounts: true), ["mount"]),
            // 370 are counted: what an image has is its own.
            (Wish(maximum: 370), []), (Wish(maximum: 360), ["old"]),
            (Wish(maximum: 300), ["old", "mount"]),
            (Wish(maximum: 1), ["old", "mount", "middle", "young"]),
            (Wish(reserved: 360), ["old"]),
            (Wish(reserved: 300, maximum: 100), ["old", "mount"]),
            // 50 bytes are free.
            (Wish(free: 50), []), (Wish(free: 60), ["old"]), (Wish(free: 70), ["old", "mount"]),
            (Wish(reserved: 365, free: 1000), ["old"]),
        ] as [(Wish, [String])]
    )
    private func chooses(wish: Wish, expected: [String]) {
        #expect(wish.rule.choose(from: Self.items, free: 50).map(\.id) == expected)
    }

    @Test(
        "the automatic bounds leave a small young cache alone and keep a large one in them",
        arguments: [
            (nil, 1_000, 1_000, []), (370, 1_000, 1_000, []), (360, 1_000, 1_000, ["old"]),
            // Three quarters of the disk.
            (nil, 480, 1_000, ["old"]),
            // A fifth of it is free.
            (nil, 1_000, 190, ["old"]),
        ] as [(Int64?, Int64, Int64, [String])]
    )
    func automatic(maximum: Int64?, disk: Int64, free: Int64, expected: [String]) {
        let rules = BuildCachePruning.automatic(now: 10, disk: disk, maximum: maximum)
        #expect(
            Set(rules.flatMap { $0.choose(from: Self.items, free: free).map(\.id) })
                == Set(expected)
        )
    }

    @Test("what nobody used for two months goes, mounts after two days where they are many")
    func ages() {
        let day: Int64 = 86_400_000_000_000
        let items = [
            Self.item("step", bytes: 10, used: 1),
            Self.item("image", bytes: 1, used: 1, isShared: true),
            Self.item("mount", bytes: 4 << 30, used: 58 * day, kind: .mount),
            Self.item("step2", bytes: 10, used: 59 * day),
        ]
        let rules = BuildCachePruning.automatic(now: 61 * day, disk: 1 << 40, maximum: nil)
        let chosen = rules.map { $0.choose(from: items, free: 1 << 40).map(\.id) }
        // The reserve of a tenth of the disk protects what is merely old.
        #expect(chosen == [["mount"], [], [], ["image"]])
    }
}
