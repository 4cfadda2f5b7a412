import CLinux
import Glibc

/// Confines the calling thread, for good, to making files below one directory: for work on bytes
/// that is not trusted. A process calls it before it has a second thread and before it has read
/// the first byte.
///
/// - It sees no other directory: a mount namespace whose only mount is that directory, on which
///   programs do not run, setuid means nothing and device nodes do not open.
/// - Network and IPC namespaces of its own, empty.
/// - Landlock, a list of allowed system calls, no_new_privs.
/// - Of the capabilities those that owners, modes, nodes and file capabilities take.
package enum Confinement {
    /// Capability numbers: CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD, SETFCAP.
    private static let capabilities: [UInt64] = [0, 1, 3, 4, 27, 31]

    /// What a thread works with, and what could not be had of the above.
    package struct Result: ~Copyable, Sendable {
        /// The directory, on the mount that is left.
        package let directory: OwnedFD
        /// In words, for a log; empty where the kernel has everything.
        package let missing: [String]
    }

    /// Enters. An error leaves the thread confined in part: the process has to end.
    package static func enterThread(below directory: SharedFD) throws(SyscallError) -> Result {
        var missing: [String] = []
        // While the directory's mount still is of this namespace.
        let root = try copyMount(of: directory)
        try unshareNamespaces(&missing)
        try changeRoot(to: root)
        let opened = try root.with { root throws(SyscallError) in
            // Not O_PATH, as a copied mount's descriptor is.
            let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
            return OwnedFD(taking: try syscall("open") { berth_openat(root, ".", flags, 0) })
        }
        try dropCapabilities()
        _ = try syscall("prctl", on: "no_new_privs") {
            berth_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        }
        try root.with { root throws(SyscallError) in
            if let lack = try Landlock.restrictThread(to: root) { missing.append(lack) }
        }
        do throws(SyscallError) {
            try SyscallFilter.restrictThread(to: SyscallFilter.files)
        } catch  where error.errno == EINVAL || error.errno == ENOSYS {
            missing.append("no seccomp filters in this kernel")
        }
        return Result(directory: opened, missing: missing)
    }

    /// Limits the whole process: memory, the size of a file, open files; no core.
    package static func limitProcess(
        addressSpace: UInt64,
        fileSize: UInt64
    ) throws(SyscallError) {
        // A file that is too large is EFBIG, not a signal.
        signal(SIGXFSZ, SIG_IGN)
        for (resource, limit): (Int32, UInt64) in [
            (Int32(RLIMIT_AS.rawValue), addressSpace), (Int32(RLIMIT_FSIZE.rawValue), fileSize),
            (Int32(RLIMIT_NOFILE.rawValue), 256), (Int32(__RLIMIT_NPROC.rawValue), 1),
            (Int32(RLIMIT_CORE.rawValue), 0),
        ] {
            var present: [UInt64] = [0, 0]
            _ = try syscall("getrlimit") { berth_getrlimit(resource, &present) }
            let limit = min(limit, present[1])
            _ = try syscall("setrlimit") { berth_setrlimit(resource, limit, limit) }
        }
    }

    private static func unshareNamespaces(_ missing: inout [String]) throws(SyscallError) {
        _ = try syscall("unshare", on: "mount namespace") { berth_unshare(CLONE_NEWNS) }
        for (kind, name) in [(CLONE_NEWNET, "network"), (CLONE_NEWIPC, "IPC")] {
            do throws(SyscallError) {
                _ = try syscall("unshare", on: "\(name) namespace") { berth_unshare(kind) }
            } catch {
                missing.append("no \(name) namespace of its own (\(error.reason))")
            }
        }
    }

    /// A mount of a directory that is nowhere yet, and on which little is possible.
    private static func copyMount(of directory: SharedFD) throws(SyscallError) -> OwnedFD {
        let root = try directory.with { directory throws(SyscallError) in
            let flags = UInt32(OPEN_TREE_CLONE) | berth_open_tree_cloexec() | UInt32(AT_EMPTY_PATH)
            return OwnedFD(
                taking: try syscall("open_tree") { open_tree(directory, "", flags) }
            )
        }
        try root.with { root throws(SyscallError) in
            let attributes = UInt64(MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)
            _ = try syscall("mount_setattr") {
                // A copy of a shared mount is its peer, which pivot_root(2) refuses.
                let flags = UInt32(AT_EMPTY_PATH)
                return berth_mount_setattr(root, "", flags, attributes, 0, UInt64(MS_PRIVATE))
            }
        }
        return root
    }

    /// Makes a mount everything there is.
    private static func changeRoot(to root: borrowing OwnedFD) throws(SyscallError) {
        _ = try syscall("mount", on: "/") {
            mount(nil, "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil)
        }
        try root.with { root throws(SyscallError) in
            let flags = UInt32(MOVE_MOUNT_F_EMPTY_PATH)
            _ = try syscall("move_mount") { move_mount(root, "", AT_FDCWD, "/", flags) }
            _ = try syscall("fchdir") { fchdir(root) }
        }
        _ = try syscall("pivot_root") { berth_pivot_root(".", ".") }
        _ = try syscall("umount", on: "the old root") { umount2(".", CInt(MNT_DETACH)) }
        _ = try syscall("chdir") { chdir("/") }
    }

    private static func dropCapabilities() throws(SyscallError) {
        let kept = capabilities.reduce(UInt64(0)) { $0 | 1 << $1 }
        var held: UInt64 = 0
        _ = try syscall("capget") { berth_capget_permitted(0, &held) }
        for number in UInt(0)..<64 where kept & 1 << UInt64(number) == 0 {
            // EINVAL: there are no more.
            guard berth_prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0 else { break }
        }
        _ = berth_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0, 0, 0)
        _ = try syscall("capset") { berth_capset(kept & held, kept & held, 0) }
    }
}

extension Confinement {
    /// Ends the process, by SIGKILL, when the thread that started it ends: prctl(2),
    /// PR_SET_PDEATHSIG. Who may have missed that compares getppid(2) afterwards.
    package static func endWithParent() throws(SyscallError) {
        _ = try syscall("prctl", on: "parent's death") {
            berth_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0, 0)
        }
    }
}
