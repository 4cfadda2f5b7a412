import Builder
import Engine
import Glibc
import ImageStore
import SystemPackage

extension Session {
    /// For commands that only look: nil where nothing has ever been done, and nothing is made then.
    /// - Throws: also where no state could be kept, since what is named is not a folder.
    static func openIfAny() throws -> Session? {
        let layout = Layout.ofMachine()
        if access(layout.database.string, F_OK) != 0, errno == ENOENT, !layout.hasOtherThanFolder {
            return nil
        }
        return try open()
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

extension Layout {
    /// Something else than a folder has the state folder's name: a file, or a link.
    var hasOtherThanFolder: Bool {
        var found = stat()
        return lstat(root.string, &found) == 0 && found.st_mode & S_IFMT != S_IFDIR
    }
}
