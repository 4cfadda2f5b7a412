import Builder
import Engine
import Glibc
import ImageStore
import SystemPackage

extension Session {
    /// For commands that only look: nil where nothing has ever been done, and nothing is made then.
    static func openIfAny() throws -> Session? {
        let database = Layout.ofMachine().database
        guard access(database.string, F_OK) != 0, errno == ENOENT || errno == ENOTDIR else {
            return try open()
        }
        return nil
    }

    /// Finishes and removes what commands that were killed left, builds among them.
    @discardableResult
    func recover(mending: Bool = true) async throws -> Recovery {
        let recovery = try await engine.recover(mending: mending)
        try await builder.recover()
        return recovery
    }

    var builder: Builder {
        Builder(store: engine.imageStore, runtime: engine.runtime, root: layout.root)
    }

    /// What the build cache needs of the store besides what images need.
    var cacheRoots: @Sendable () throws -> StoreRoots {
        let folder = layout.buildCache
        return { StoreRoots(layers: try BuildCacheInventory(below: folder).layers()) }
    }
}
