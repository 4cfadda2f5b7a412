import Glibc
import SystemPackage

extension Layout {
    /// The machine's own folders, or those that BERTH_ROOT and BERTH_RUN name; an empty variable
    /// counts as not set.
    ///
    /// A state folder has one identity, in the kernel too, so that the way to it counts for nothing:
    /// the paths are whole and have no links above their last component. One that is a link itself
    /// stays one, and `prepare` refuses it.
    package init(environment: [String: String]) {
        func folder(_ variable: String, _ standard: FilePath) -> FilePath {
            guard let named = environment[variable], !named.isEmpty else { return standard }
            let folder = Self.resolved(FilePath(named))
            // The machine's own has its name whichever way it is reached.
            return folder == Self.resolved(standard) ? standard : folder
        }
        self.init(
            root: folder("BERTH_ROOT", "/var/lib/berth"),
            run: folder("BERTH_RUN", "/run/berth")
        )
    }

    /// Refuses folders that are named by a way on which somebody else could put a link of his own;
    /// `prepare` sees where the links lead and not where they are.
    package static func checkWays(environment: [String: String]) throws {
        for variable in ["BERTH_ROOT", "BERTH_RUN"] {
            guard let named = environment[variable], !named.isEmpty else { continue }
            try checkAbove(FilePath(named))
        }
    }

    /// The same place by a path whose links are resolved, but for the last component. What is
    /// missing of it has none.
    private static func resolved(_ path: FilePath) -> FilePath {
        var above = path.isAbsolute ? path : FilePath(".").appending(path.components)
        guard let last = above.lastComponent else { return path }
        guard last.kind == .regular else { return realPath(above) ?? path }
        above.removeLastComponent()
        var missing = [last]
        while true {
            if let real = realPath(above) { return real.appending(missing) }
            // Not even the directory that we are in is there, or a way up leads out of nothing.
            guard let next = above.lastComponent, next.kind == .regular else { return path }
            missing.insert(next, at: 0)
            above.removeLastComponent()
        }
    }

    /// nil where there is nothing.
    static func realPath(_ path: FilePath) -> FilePath? {
        guard let real = realpath(path.string, nil) else { return nil }
        defer { free(real) }
        return FilePath(String(cString: real))
    }
}
