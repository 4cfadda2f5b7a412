import CLinux
import Glibc

/// What this kernel has to confine a process with. Asks only; nothing is given up.
package enum ConfinementSupport {
    /// Landlock's state, landlock(7).
    package enum Landlock: Hashable, Sendable {
        /// With the version of what it offers.
        case present(version: Int)
        /// Of Linux 5.13 to 5.18, which allows no hard links: not used.
        case tooOld
        /// Built, but turned off when the kernel was started.
        case turnedOff
        case absent
    }

    package static var landlock: Landlock {
        let version = berth_landlock_version()
        guard version < 1 else {
            return version < Linux.Landlock.leastVersion
                ? .tooOld : .present(version: Int(version))
        }
        return errno == EOPNOTSUPP ? .turnedOff : .absent
    }

    /// Whether system calls can be filtered: seccomp(2), which says how to find out. A kernel that
    /// can looks for the filter, and there is none at address 0.
    package static var hasSyscallFilters: Bool {
        berth_prctl(PR_SET_SECCOMP, UInt(SECCOMP_MODE_FILTER), 0, 0, 0) != 0 && errno == EFAULT
    }
}
