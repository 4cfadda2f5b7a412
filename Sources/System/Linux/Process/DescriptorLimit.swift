import CLinux
import Glibc

/// How many descriptors this process may have open (getrlimit(2), RLIMIT_NOFILE).
package struct DescriptorLimit: Hashable, Sendable {
    package var soft: UInt64
    package var hard: UInt64

    /// That of this process.
    package static func current() throws(SyscallError) -> DescriptorLimit {
        var limit: [UInt64] = [0, 0]
        _ = try syscall("getrlimit", on: "nofile") {
            berth_getrlimit(Int32(RLIMIT_NOFILE.rawValue), &limit)
        }
        return DescriptorLimit(soft: limit[0], hard: limit[1])
    }

    /// Raises the soft limit to the hard one, for a process that never uses select(2), and gives
    /// the limit that holds from then on.
    @discardableResult
    package static func raise() throws(SyscallError) -> DescriptorLimit {
        let limit = try current()
        guard limit.soft < limit.hard else { return limit }
        _ = try syscall("setrlimit", on: "nofile") {
            berth_setrlimit(Int32(RLIMIT_NOFILE.rawValue), limit.hard, limit.hard)
        }
        return DescriptorLimit(soft: limit.hard, hard: limit.hard)
    }

    /// Makes sure, as far as this process may, that it can have so many open, and gives the limit
    /// that holds from then on. The hard limit is raised only where it is too low, too, which takes
    /// CAP_SYS_RESOURCE.
    package static func ensure(_ least: UInt64) throws(SyscallError) -> DescriptorLimit {
        let limit = try current()
        if limit.soft >= least { return limit }
        if limit.hard >= least { return try raise() }
        let raised = berth_setrlimit(Int32(RLIMIT_NOFILE.rawValue), least, least)
        return raised == 0 ? DescriptorLimit(soft: least, hard: least) : try raise()
    }
}
