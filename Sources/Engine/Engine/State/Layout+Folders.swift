import Glibc
import Linux
import SystemPackage

extension Layout {
    /// Makes the folders that always exist, and refuses ones that somebody else could change.
    func prepare() throws {
        try Self.claim(root, ours: database, variable: "BERTH_ROOT")
        try Self.claim(run, ours: projects, variable: "BERTH_RUN")
        for folder in [containers, volumes, trash, projects, locks] { try Self.make(folder) }
    }

    static func exists(_ path: FilePath) -> Bool { access(path.string, F_OK) == 0 }

    /// Makes a folder and its parents with mode 0700; an existing one is fine.
    static func make(_ folder: FilePath) throws {
        func fail(_ code: CInt) throws -> Never {
            throw EngineError(
                .state,
                "cannot make \(folder)",
                because: String(cString: strerror(code))
            )
        }
        if mkdir(folder.string, 0o700) == 0 { return }
        let code = errno
        if code == EEXIST { return }
        guard code == ENOENT, folder.lastComponent != nil else { try fail(code) }
        try make(folder.removingLastComponent())
        // Once: behind a link that leads nowhere the parent is there, and the folder cannot be.
        guard mkdir(folder.string, 0o700) == 0 || errno == EEXIST else { try fail(errno) }
    }

    /// Makes a folder, or checks that an existing one is a directory of ours that nobody else can
    /// read, write or replace. One that others can read is closed to them, if what is in it is
    /// `ours` or nothing.
    private static func claim(_ folder: FilePath, ours: FilePath, variable: String) throws {
        try checkAbove(folder)
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
            let isLink = found.st_mode & S_IFMT == S_IFLNK
            throw EngineError(
                .state,
                attempt,
                because: isLink ? "it is a symbolic link" : "it is not a directory",
                remedy: (isLink ? realPath(folder) : nil).map { "set \(variable) to \($0)" }
                    ?? "move it away, or set BERTH_ROOT and BERTH_RUN"
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
        if found.st_mode & 0o077 == 0 { return }
        // What others keep there, by mistake or not, is not closed to them.
        let isOurs = try exists(ours) || isEmpty(folder)
        let isWritable = found.st_mode & 0o022 != 0
        guard isOurs, !isWritable, chmod(folder.string, 0o700) == 0 else {
            throw EngineError(
                .state,
                attempt,
                because: "other users can \(isWritable ? "write to" : "read") it",
                remedy: (isOurs ? "chmod 0700 \(folder), or " : "")
                    + "set \(variable) to a folder of berth's own"
            )
        }
    }

    private static func isEmpty(_ folder: FilePath) throws -> Bool {
        try openFile(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).entryNames().isEmpty
    }

    /// Refuses a folder below one in which somebody else could put another in its place. In a
    /// sticky one (`/tmp`) nobody can.
    static func checkAbove(_ folder: FilePath) throws {
        var above = folder.lexicallyNormalized().removingLastComponent()
        var seen: [FilePath] = [above]
        if let real = realPath(above) { seen.append(real) }
        for start in seen {
            above = start
            while !above.isEmpty {
                try checkOwner(of: above, over: folder)
                if !above.removeLastComponent() { break }
            }
        }
    }

    private static func checkOwner(of above: FilePath, over folder: FilePath) throws {
        var found = stat()
        // One that is missing is made by us.
        guard stat(above.string, &found) == 0 else { return }
        let isTrusted = found.st_uid == 0 || found.st_uid == geteuid()
        let mayGroup = found.st_mode & 0o020 != 0 && found.st_gid != 0 && found.st_gid != getegid()
        let mayOthers = found.st_mode & 0o002 != 0 || mayGroup
        if isTrusted, !mayOthers || found.st_mode & S_ISVTX != 0 { return }
        throw EngineError(
            .state,
            "cannot keep state in \(folder)",
            because: isTrusted
                ? "other users can write to \(above), and put another folder in its place"
                : "\(above) belongs to user \(found.st_uid), who can put another in its place",
            remedy: "set BERTH_ROOT and BERTH_RUN to folders that only you can change"
        )
    }
}
