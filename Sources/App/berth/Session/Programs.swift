import ContainerRuntime
import Glibc
import SystemPackage

/// Where the programs that belong together are.
enum Programs {
    /// This program, by an absolute path that outlives a change of directory.
    static func berth() throws -> FilePath { FilePath(try Machine.executable()) }

    /// The keeper: BERTH_KEEPER, beside this program, or where `make install` puts it.
    static func keeper() throws -> FilePath {
        if let named = Machine.environment()["BERTH_KEEPER"] { return FilePath(named) }
        let folder = try berth().removingLastComponent()
        let candidates = [
            folder.appending("berth-keeper"),
            folder.removingLastComponent().pushing("libexec/berth/berth-keeper"),
        ]
        for candidate in candidates where access(candidate.string, X_OK) == 0 { return candidate }
        let places = candidates.map(\.string).joined(separator: " nor ")
        throw Failure("cannot find berth-keeper: neither \(places); run make install again")
    }
}

extension Session {
    /// The container runtime with this installation's keeper.
    func runtime() throws -> ContainerRuntime {
        try ContainerRuntime(keeper: Programs.keeper(), root: layout.root)
    }
}
