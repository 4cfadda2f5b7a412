import Glibc
import Linux
import SystemPackage

/// What the process was started with.
enum Machine {
    /// The environment, bytes that are not UTF-8 repaired; a later duplicate loses, as with getenv.
    static func environment() -> [String: String] {
        var result: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            if pair.count == 2, result[String(pair[0])] == nil {
                result[String(pair[0])] = String(pair[1])
            }
            entry += 1
        }
        return result
    }

    /// `BERTH_UID` and `BERTH_GID`: who called us, also through sudo(8).
    static var builtins: [String: String] {
        let ours = environment()
        func number(_ variable: String, else own: UInt32) -> String {
            guard isRoot, let text = ours[variable], UInt32(text) != nil else { return "\(own)" }
            return text
        }
        return [
            "BERTH_UID": number("SUDO_UID", else: getuid()),
            "BERTH_GID": number("SUDO_GID", else: getgid()),
        ]
    }

    /// PWD where it is right, since it keeps the symbolic links that the user walked through;
    /// `substitute` in a folder that was deleted.
    static func workingDirectory(insteadOfDeleted substitute: String? = nil) throws -> String {
        if let named = getenv("PWD") {
            var here = stat()
            var there = stat()
            if stat(".", &here) == 0, stat(named, &there) == 0, here.st_ino == there.st_ino,
                here.st_dev == there.st_dev, named.pointee == UInt8(ascii: "/")
            {
                return String(cString: named)
            }
        }
        guard let path = getcwd(nil, 0) else {
            let code = errno
            guard code == ENOENT else {
                throw SyscallError(call: "getcwd", subject: "", errno: code)
            }
            if let substitute { return substitute }
            throw Failure("the current folder was deleted; go to one that is there with `cd`")
        }
        defer { free(path) }
        return String(cString: path)
    }

    /// A path that the user wrote, from the working directory.
    static func absolute(_ path: String) throws -> FilePath {
        FilePath(try workingDirectory()).pushing(FilePath(path))
    }

    /// The absolute path of something that is there, without links.
    static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    static var isRoot: Bool { geteuid() == 0 }

    /// The absolute path of this program.
    static func executable() throws -> String {
        guard let path = realpath("/proc/self/exe", nil) else {
            throw SyscallError(call: "realpath", subject: "/proc/self/exe", errno: errno)
        }
        defer { free(path) }
        return String(cString: path)
    }
}
