import Glibc
import Linux
import SystemPackage

extension Layout {
    /// Makes the folders that always exist, and refuses ones that somebody else could change.
    func prepare() throws {
        try Self.claim(root)
        try Self.claim(run)
        for folder in [containers, volumes, trash, projects, locks] { try Self.make(folder) }
    }

    static func exists(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }

    /// Makes a folder and its parents with mode 0700; an existing one is fine.
    static func make(_ folder: FilePath) throws {
        if mkdir(folder.string, 0o700) == 0 { return }
        let code = errno
        if code == EEXIST { return }
        guard code == ENOENT, folder.lastComponent != nil else {
            throw EngineError(
                .state,
                "cannot make \(folder)",
                because: String(cString: strerror(code))
            )
        }
        try make(folder.removingLastComponent())
        try make(folder)
    }

    /// Makes a folder, or checks that an existing one is a directory of ours nobody else can write.
    private static func claim(_ folder: FilePath) throws {
        var found = stat()
        if lstat(folder.string, &found) != 0 {
            try make(folder)
            guard lstat(folder.string, &found) == 0 else {
                let code = errno
                throw EngineError(
                    .state,
                    "cannot use \(folder)",
                    because: String(cString: strerror(code))
                )
            }
        }
        let attempt = "cannot keep state in \(folder)"
        guard found.st_mode & S_IFMT == S_IFDIR else {
            throw EngineError(
                .state,
                attempt,
                because: "it is not a directory",
                remedy: "move it away, or set BERTH_ROOT and BERTH_RUN"
            )
        }
        guard found.st_uid == geteuid() else {
            throw EngineError(
                .state,
                attempt,
                because: "it belongs to user \(found.st_uid)",
                remedy: "run as that user, or set BERTH_ROOT and BERTH_RUN"
            )
        }
        guard found.st_mode & 0o022 == 0 else {
            throw EngineError(
                .state,
                attempt,
                because: "other users can write to it",
                remedy: "chmod 0700 \(folder)"
            )
        }
    }
}
