import Glibc
package import Linux
import SystemPackage

/// The users of a running container that are not the host's.
package struct RunningUsers: Sendable {
    let namespace: SharedFD
    /// What its user 0 and its group 0 are on the host.
    package let firstUser: UInt32
    package let firstGroup: UInt32

    /// What the numbers in its files are on the host.
    package var shift: IdentifierShift { IdentifierShift(user: firstUser, group: firstGroup) }

    /// Those of a process; nil where they are the host's.
    static func of(_ pid: Int32) throws(SyscallError) -> RunningUsers? {
        let folder = FilePath("/proc/\(pid)")
        guard try number(folder.appending("ns/user")) != number("/proc/self/ns/user") else {
            return nil
        }
        return RunningUsers(
            namespace: SharedFD(try openFile(folder.appending("ns/user"), O_RDONLY)),
            firstUser: try first(folder.appending("uid_map")),
            firstGroup: try first(folder.appending("gid_map"))
        )
    }

    private static func number(_ path: FilePath) throws(SyscallError) -> ino_t {
        var status = stat()
        _ = try syscall("stat", on: path.string) { stat(path.string, &status) }
        return status.st_ino
    }

    /// The second column of the first line: ours, where it is seen from the host.
    private static func first(_ path: FilePath) throws(SyscallError) -> UInt32 {
        let text = String(decoding: try readFile(path, limit: 4096), as: UTF8.self)
        let words = text.split { $0 == " " || $0 == "\n" }
        guard words.count > 1, let first = UInt32(words[1]) else {
            throw SyscallError(call: "read", subject: path.string, errno: EINVAL)
        }
        return first
    }
}
