import CLinux
import Glibc
package import Linux
import SystemPackage

/// The limits of processes in containers where their spec has none (getrlimit(2)). Every limit has
/// a value, so that none of whoever started us reaches a container.
package enum LimitDefaults {
    /// systemd's nofile, since a soft limit in the millions breaks old programs that close every
    /// descriptor; no core files; otherwise those that the kernel gives process 1, or none.
    static let all: [ResourceLimit] =
        [
            ResourceLimit(name: "nofile", soft: 1024, hard: 524_288),
            ResourceLimit(name: "core", soft: 0, hard: 0),
            ResourceLimit(name: "stack", soft: 8 << 20, hard: .max),
            ResourceLimit(name: "memlock", soft: 8 << 20, hard: 8 << 20),
            ResourceLimit(name: "msgqueue", soft: 819_200, hard: 819_200),
            ResourceLimit(name: "nice", soft: 0, hard: 0),
            ResourceLimit(name: "rtprio", soft: 0, hard: 0),
        ] + pendingSignals
        + ["cpu", "fsize", "data", "rss", "nproc", "as", "locks", "rttime"].map {
            ResourceLimit(name: $0, soft: .max, hard: .max)
        }

    /// setrlimit(2); the numbers of the generic architecture.
    static let numbers: [String: Int32] = [
        "cpu": 0, "fsize": 1, "data": 2, "stack": 3, "core": 4, "rss": 5, "nproc": 6,
        "nofile": 7, "memlock": 8, "as": 9, "locks": 10, "sigpending": 11, "msgqueue": 12,
        "nice": 13, "rtprio": 14, "rttime": 15,
    ]

    /// As the kernel's `fork_init` has it.
    private static var pendingSignals: [ResourceLimit] {
        // `try?`: without this file (a bare /proc) the limit stays that of whoever started us.
        guard let bytes = try? readFile("/proc/sys/kernel/threads-max", limit: 64),
            let threads = UInt64(
                String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
            )
        else { return [] }
        return [ResourceLimit(name: "sigpending", soft: threads / 2, hard: threads / 2)]
    }

    /// A default that this process cannot give: the hard limit it was started with is lower, and
    /// it may not raise that.
    package struct Shortfall: Equatable, Sendable, CustomStringConvertible {
        package var wanted: ResourceLimit
        package var available: UInt64
        /// Programs notice at once, and it is not the machine that is so small: process 1 has more.
        package var isSevere: Bool

        package var description: String {
            let least = wanted.hard == .max ? "unlimited" : "\(wanted.hard)"
            return "\(wanted.name) \(available) instead of \(least)"
        }
    }

    /// Raises the hard limits of this process to what containers get, and gives those that stay
    /// lower: that takes CAP_SYS_RESOURCE, which root may lack. Where containers have no limit, this
    /// process and its keepers go up to their hard ones: logs do not end at the starter's `ulimit -f`.
    package static func raise() throws(SyscallError) -> [Shortfall] {
        var shortfalls: [Shortfall] = []
        for wanted in all {
            guard let number = numbers[wanted.name] else { continue }
            let present = try limit(number, of: 0, name: wanted.name)
            let isUnlimited = wanted.soft == .max
            if isUnlimited, present.soft < present.hard {
                _ = try syscall("setrlimit", on: wanted.name) {
                    berth_setrlimit(number, present.hard, present.hard)
                }
            }
            if present.hard >= wanted.hard { continue }
            do {
                _ = try syscall("setrlimit", on: wanted.name) {
                    berth_setrlimit(number, isUnlimited ? .max : present.soft, wanted.hard)
                }
            } catch {
                guard error.errno == EPERM else { throw error }
                // `try?`: whoever may not look at process 1 is told.
                let ofMachine = (try? limit(number, of: 1, name: wanted.name))?.hard ?? .max
                shortfalls.append(
                    Shortfall(
                        wanted: wanted,
                        available: present.hard,
                        isSevere: present.hard < wanted.soft && present.hard < ofMachine
                    )
                )
            }
        }
        return shortfalls
    }

    private static func limit(
        _ number: Int32,
        of process: Int32,
        name: String
    ) throws(SyscallError) -> (soft: UInt64, hard: UInt64) {
        var limit: [UInt64] = [0, 0]
        _ = try syscall("prlimit", on: name) { berth_getrlimit_of(process, number, &limit) }
        return (limit[0], limit[1])
    }
}
