import ContainerRuntime
import GRDB
import Linux
import Synchronization
import SystemPackage

extension Engine {
    /// Writes the end of volumes: `body` drops their records, calling `bury` for each before, which
    /// moves its folder to the trash. So a folder without a record is never one that was to be
    /// removed, and recovery can leave it alone. What was moved comes back when nothing is written.
    ///
    /// On a full disk a folder can be moved, and none be made.
    func burying(
        _ body:
            @escaping @Sendable (
                _ db: Database,
                _ bury: (_ name: String) throws -> Void
            ) throws -> Void
    ) async throws {
        let (trash, volumes) = (layout.trash, layout.volumes)
        let graves = Mutex<[String: FilePath]>([:])
        do {
            try await store.writeEnd { db in
                try body(db) { name in
                    // When the transaction is tried again, it is there already.
                    guard graves.withLock({ $0[name] == nil }) else { return }
                    try self.unmountVolume(name)
                    let grave = trash.appending(ContainerID.random().text)
                    try Self.move(volumes.appending(name), to: grave)
                    graves.withLock { $0[name] = grave }
                }
            }
        } catch {
            // `try?`: why nothing was written is what matters; the trash keeps what does not come back
            // until the next recovery.
            for (name, grave) in graves.withLock(\.self) {
                try? Self.move(grave, to: volumes.appending(name))
            }
            throw error
        }
        for grave in graves.withLock(\.self).values { try removeTree(grave) }
    }
}
