import Glibc
import Linux
import SystemPackage

/// Processes that a keeper tells us of by number. The keeper is their parent: until it has waited
/// for one the number is that process's.
enum ChildProcess {
    /// Opens a child of a keeper. The pidfd comes first; then the number must belong to a child
    /// of the keeper and the pidfd's process be alive still: so the two are the same.
    static func open(_ pid: Int32, of keeper: ProcessFD) throws(SyscallError) -> ProcessFD {
        let process = try ProcessFD(opening: pid)
        guard try parent(of: pid) == keeper.pid, process.isAlive else {
            throw SyscallError(call: "pidfd_open", subject: "\(pid)", errno: ESRCH)
        }
        return process
    }

    /// A process's network namespace, which is its own while the process lives.
    static func netns(of process: ProcessFD) throws(SyscallError) -> SharedFD {
        let fd = SharedFD(try openFile(FilePath("/proc/\(process.pid)/ns/net"), O_RDONLY))
        guard process.isAlive else {
            throw SyscallError(call: "open", subject: "network namespace", errno: ESRCH)
        }
        return fd
    }

    /// Field 4 of `/proc/<pid>/stat`; the name before it may hold anything.
    private static func parent(of pid: Int32) throws(SyscallError) -> Int32? {
        let bytes = try readFile(FilePath("/proc/\(pid)/stat"), limit: 64 << 10)
        guard let bracket = bytes.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = bytes[(bracket + 1)...].split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
