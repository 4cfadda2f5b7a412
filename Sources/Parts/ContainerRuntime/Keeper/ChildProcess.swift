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
        guard try ProcessStat(of: pid).parent() == keeper.pid, process.isAlive else {
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
}
