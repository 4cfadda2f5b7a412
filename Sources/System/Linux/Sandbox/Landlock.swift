import CLinux
import Glibc

/// Giving up every file but those below one directory, and every network: landlock(7).
enum Landlock {
    /// LANDLOCK_ACCESS_FS_*.
    private enum Right {
        static let execute: UInt64 = 1 << 0
        /// Reading and writing files, listing, removing and making of every kind.
        static let ordinary: UInt64 = 0b1_1111_1111_1110
        /// Links and renames from one directory to another; version 2.
        static let refer: UInt64 = 1 << 13
        /// Version 3.
        static let truncate: UInt64 = 1 << 14
        /// ioctl on device nodes; version 5.
        static let deviceControl: UInt64 = 1 << 15
    }

    /// The least version that a thread is confined with: version 1 allows no hard link from one
    /// directory to another, whatever the rules.
    static let leastVersion: Int32 = 2

    /// What the kernel cannot do; nil when it does everything.
    ///
    /// The calling thread keeps reading and writing below `directory`, executes nothing, binds and
    /// connects no TCP port (Linux 6.7), and reaches no abstract socket and no process outside with
    /// a signal (Linux 6.12). It has to have no_new_privs.
    static func restrictThread(to directory: CInt) throws(SyscallError) -> String? {
        let version = berth_landlock_version()
        guard version >= 1 else { return "no Landlock in this kernel" }
        guard version >= leastVersion else {
            return "Landlock of Linux 5.13 to 5.18 allows no hard links"
        }
        var allowed = Right.ordinary | Right.refer
        if version >= 3 { allowed |= Right.truncate }
        let handled = allowed | Right.execute | (version >= 5 ? Right.deviceControl : 0)
        let members: UInt32 = version >= 6 ? 3 : version >= 4 ? 2 : 1
        let ruleset = OwnedFD(
            taking: try syscall("landlock_create_ruleset") {
                berth_landlock_create(handled, members >= 2 ? 3 : 0, members >= 3 ? 3 : 0, members)
            }
        )
        try ruleset.with { ruleset throws(SyscallError) in
            _ = try syscall("landlock_add_rule") {
                berth_landlock_allow_beneath(ruleset, allowed, directory)
            }
            _ = try syscall("landlock_restrict_self") { berth_landlock_restrict(ruleset) }
        }
        return nil
    }
}
