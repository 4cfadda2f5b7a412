package import Engine
import GoTemplate

/// What everything of berth takes on disk, in docker's words.
package struct DiskUseReport {
    let use: DiskUsage

    /// Says it of `use`.
    package init(_ use: DiskUsage) { self.use = use }

    /// The rows of `summary`, as `system df` prints them.
    package static func listing(format: String) -> RowListing {
        RowListing(
            format: format == "raw" ? rawTemplate : format,
            columns: [
                .init("Type", "TYPE"), .init("TotalCount", "TOTAL"),
                .init("Active", "ACTIVE"), .init("Size", "SIZE"),
                .init("Reclaimable", "RECLAIMABLE"),
            ]
        )
    }
}

extension DiskUseReport {
    /// One row per kind, as docker's.
    package var summary: [[(name: String, value: String)]] {
        let usedImages = use.images.filter { $0.containers > 0 }
        let usedBytes = usedImages.reduce(0) { $0 + $1.ownBytes }
        let idle = use.containers.filter { !Self.isActive($0.container) }
        let unused = use.volumes.filter { $0.links == 0 }
        return [
            row(
                "Images",
                use.images.count,
                usedImages.count,
                use.layerBytes + use.blobBytes + use.leftBytes,
                max(0, use.layerBytes - usedBytes) + use.blobBytes - use.usedBlobBytes
                    + use.leftBytes
            ),
            row(
                "Containers",
                use.containers.count,
                use.containers.count - idle.count,
                use.containers.reduce(0) { $0 + $1.bytes },
                idle.reduce(0) { $0 + $1.bytes }
            ),
            row(
                "Local Volumes",
                use.volumes.count,
                use.volumes.count - unused.count,
                use.volumes.reduce(0) { $0 + $1.bytes },
                unused.reduce(0) { $0 + $1.bytes }
            ),
            row(
                "Build Cache",
                use.cache.count,
                use.cache.count { $0.isInUse },
                cacheBytes,
                cacheBytes,
                showsShare: false
            ),
        ]
    }

    /// What images have too is counted there.
    var cacheBytes: Int64 { use.cache.reduce(0) { $0 + $1.ownBytes } }

    private static func isActive(_ container: ObservedContainer) -> Bool {
        [.running, .restarting].contains(container.record.status)
    }

    private func row(
        _ type: String,
        _ total: Int,
        _ active: Int,
        _ bytes: Int64,
        _ reclaimable: Int64,
        showsShare: Bool = true
    ) -> [(name: String, value: String)] {
        var text = HumanSize.decimal(reclaimable)
        if bytes > 0, showsShare { text += " (\(reclaimable * 100 / bytes)%)" }
        return [
            ("Active", "\(active)"), ("Reclaimable", text), ("Size", HumanSize.decimal(bytes)),
            ("TotalCount", "\(total)"), ("Type", type),
        ]
    }
}
