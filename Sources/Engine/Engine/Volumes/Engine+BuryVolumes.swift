import ContainerRuntime
import GRDB
import Linux
import SystemPackage

extension Engine {
    /// Writes the end of volumes: `body` drops their records, calling `bury` for each before, which
    /// moves its folder to the trash. So a folder without a record is never one that was to be
    /// removed, and recovery can leave it alone. What was moved comes back when nothing is written.
    func burying(
        _ body:
            @escaping @Sendable (
                _ db: Database,
                _ bury: (_ name: String) throws -> Void
            ) throws -> Void
    ) async throws {
        let grave = layout.trash.appending(ContainerID.random().text)
        let volumes = layout.volumes
        do {
            try await store.writeEnd { db in
                try body(db) { name in
                    try self.unmountVolume(name)
                    try Layout.make(grave)
                    try Self.move(volumes.appending(name), to: grave.appending(name))
                }
            }
        } catch {
            // `try?`: why nothing was written is what matters; the trash keeps what does not come back
            // until the next recovery.
            for name in (try? folderEntries(grave)) ?? [] {
                try? Self.move(grave.appending(name), to: volumes.appending(name))
            }
            try? removeTree(grave)
            throw error
        }
        try removeTree(grave)
    }
}
