import CLinux
import Glibc
import ImageStore
import Linux

/// An unpacker that an archive has taken over: confined like the real one, it tries to get out and
/// writes what each try came to, `name: result`.
enum Attack {
    static func run(canary: String) -> Never {
        let parent = UInt(getppid())
        do {
            let confined = try ConfinedUnpacker.confine(fileSize: 1 << 20)
            say("missing", confined.missing.joined(separator: ", "))
        } catch {
            say("confinement", "\(error)")
            _exit(1)
        }
        files(canary)
        nodes()
        calls(on: parent)
        _exit(0)
    }

    private static func say(_ name: String, _ result: String) {
        let line = Array("\(name): \(result)\n".utf8)
        _ = write(1, line, line.count)
    }

    /// What a call came to: the name of its error, or that it worked.
    private static func report(_ name: String, _ result: Int) {
        let code = errno
        say(name, result < 0 ? "\(code)" : "worked")
    }

    private static func files(_ canary: String) {
        report("write passwd", Int(berth_open("/etc/passwd", O_WRONLY, 0)))
        report("write passwd upwards", Int(berth_open("../../../../../etc/passwd", O_WRONLY, 0)))
        report("write canary", Int(berth_open(canary, O_WRONLY, 0)))
        report("make beside", Int(berth_open("\(canary).mine", O_WRONLY | O_CREAT, 0o600)))
        report("link canary", Int(linkat(AT_FDCWD, canary, AT_FDCWD, "/stolen", 0)))
        report("read a process", Int(berth_open("/proc/self/environ", O_RDONLY, 0)))
        report("make inside", Int(berth_open("/inside", O_RDWR | O_CREAT, 0o755)))
        let file = berth_open("/inside", O_RDWR, 0)
        var byte: UInt8 = 0
        report("write far", Int(pwrite(file, &byte, 1, 1 << 21)))
        report("mark opaque", Int(fsetxattr(file, "trusted.overlay.opaque", &byte, 1, 0)))
    }

    private static func nodes() {
        report("make null", Int(mknodat(AT_FDCWD, "/null", S_IFCHR | 0o666, berth_makedev(1, 3))))
        report("open null", Int(berth_open("/null", O_RDWR, 0)))
        report("make disk", Int(mknodat(AT_FDCWD, "/disk", S_IFBLK | 0o600, berth_makedev(254, 0))))
        report("open disk", Int(berth_open("/disk", O_RDWR, 0)))
    }

    private static func calls(on parent: UInt) {
        func call(_ name: String, _ number: Int32, _ a: UInt = 0, _ b: UInt = 0, _ c: UInt = 0) {
            report(name, berth_syscall(Int(number), a, b, c))
        }
        call("internet", SYS_socket, UInt(AF_INET), 1, 0)
        call("unix", SYS_socket, UInt(AF_UNIX), 1, 0)
        call("netlink", SYS_socket, UInt(AF_NETLINK), 3, 0)
        call("ptrace", SYS_ptrace, 16, parent, 0)
        call("kill", SYS_kill, parent, 0)
        call("pidfd", SYS_pidfd_open, parent, 0)
        call("memory of parent", SYS_process_vm_readv, parent)
        call("user namespace", SYS_unshare, UInt(CLONE_NEWUSER))
        call("mount namespace", SYS_unshare, UInt(CLONE_NEWNS))
        call("fork", SYS_clone, UInt(SIGCHLD))
        call("clone3", SYS_clone3)
        call("execute", SYS_execve)
        call("mount", SYS_mount)
        call("unmount", SYS_umount2)
        call("chroot", SYS_chroot)
        call("by handle", SYS_open_by_handle_at)
        call("become", SYS_setresuid)
        call("keys", SYS_keyctl)
        call("bpf", SYS_bpf)
        call("io_uring", SYS_io_uring_setup)
        call("reboot", SYS_reboot)
        call("limits", SYS_prlimit64)
        call("prctl", SYS_prctl, UInt(PR_SET_DUMPABLE), 1)
    }
}
