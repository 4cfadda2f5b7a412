import GRDB
import ImageStore
import OCI

/// What removing unused images did.
package struct ImagePruneReport: Sendable {
    /// In the order in which they were made.
    package var removals: [Engine.ImageRemoval] = []
    /// The room that it made on the disk.
    package var bytes: Int64 = 0
    /// Nothing was taken from the disk, since another command pulls, builds or saves images: what is
    /// no longer needed goes with the next prune.
    package var isPostponed = false

    /// Nothing was removed.
    package init() {}
}

extension Engine {
    /// Removes images that no container has: those without a tag, or all of them
    /// (`takesTagged`), as far as `chosen` lets them through, under the names that it leaves.
    /// One that gets a container or another name meanwhile stays.
    package func pruneImages(
        takesTagged: Bool,
        where chosen: (KnownImage) throws -> KnownImage?
    ) async throws -> ImagePruneReport {
        let used = Set(try await containers(ofProject: nil).map(\.image))
            .union(try await mountedImages())
        var report = ImagePruneReport()
        for image in try await knownImages() {
            guard !used.contains(image.record.id), takesTagged || image.isDangling,
                let meant = try chosen(image)
            else { continue }
            report.removals += try await removeUnused(meant)
        }
        let reclaimed = try await collectImageGarbage()
        report.isPostponed = reclaimed == nil
        report.bytes = reclaimed?.bytes ?? 0
        await notePruned(.image, bytes: report.bytes)
        return report
    }

    /// Those that a container has mounted.
    private func mountedImages() async throws -> [Digest] {
        try await store.read { db in
            try db.texts("SELECT DISTINCT image FROM imageUses").compactMap { Digest($0) }
        }
    }

    private func removeUnused(_ image: KnownImage) async throws -> [ImageRemoval] {
        let names = (image.tags + image.digests).map(\.description)
        var removals: [ImageRemoval] = []
        for name in names.isEmpty ? [image.record.id.hex] : names {
            do {
                removals += try await removeImage(matching: name, collects: false)
            } catch let error as EngineError
                where [.notFound, .inUse, .conflict].contains(error.kind)
            {
                continue
            }
        }
        return removals
    }
}
