import Engine
import Glibc
import SystemPackage

extension Session {
    /// For commands that make nothing: nil where nothing has ever been done, and no state is made
    /// then. Unless `isSilent`, says so where BERTH_ROOT names a folder that is not there: who set it
    /// expects to find something in it.
    /// - Throws: also where no state could be kept, since what is named is not a folder.
    static func openIfAny(isSilent: Bool = false) throws -> Session? {
        let layout = Layout.ofMachine()
        if access(layout.database.string, F_OK) != 0, errno == ENOENT, !layout.hasOtherThanFolder {
            if !isSilent, layout.isMissing, Machine.environment()["BERTH_ROOT"] != nil {
                Progress.message(
                    "warning: BERTH_ROOT says \(layout.root), and there is no such folder: nothing "
                        + "is known of any container or image"
                )
            }
            return nil
        }
        return try open()
    }

    /// For a look at left-overs, which outlive the records, or the state folder with them: nil where
    /// there is no folder of state, and none of this run of the machine either.
    static func openIfAnyFolder() throws -> Session? {
        let layout = Layout.ofMachine()
        let isUnused = layout.isMissing && access(layout.run.string, F_OK) != 0
        return isUnused ? try openIfAny() : try open()
    }

    /// Finishes and removes what commands that were killed left, builds among them.
    @discardableResult
    func recover(mending: Bool = true) async throws -> Recovery {
        let recovery = try await engine.recover(mending: mending)
        try await engine.recoverBuilds()
        return recovery
    }
}

extension Layout {
    /// The state folder is not there.
    var isMissing: Bool { access(root.string, F_OK) != 0 && errno == ENOENT }

    /// Something else than a folder has the state folder's name: a file, or a link.
    var hasOtherThanFolder: Bool {
        var found = stat()
        return lstat(root.string, &found) == 0 && found.st_mode & S_IFMT != S_IFDIR
    }
}
