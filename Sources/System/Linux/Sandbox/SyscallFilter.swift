import CLinux
import Glibc

/// A seccomp filter that allows a list of system calls and answers the rest with EPERM: seccomp(2).
enum SyscallFilter {
    // AUDIT_ARCH_*, which Swift does not import.
    #if arch(x86_64)
        private static let architecture: UInt32 = 0xc000_003e
        private static let ofArchitecture = [SYS_poll]
    #elseif arch(arm64)
        private static let architecture: UInt32 = 0xc000_00b7
        private static let ofArchitecture: [Int32] = []
    #endif

    /// What making files in directories takes, and what the C library and Swift do on their own: no
    /// process or thread is made, nothing executed, no socket, mount, key or tracer.
    static let files: [Int32] =
        [
            SYS_read, SYS_pread64, SYS_write, SYS_pwrite64, SYS_close, SYS_lseek, SYS_fstat,
            SYS_newfstatat, SYS_openat, SYS_openat2, SYS_mkdirat, SYS_mknodat, SYS_symlinkat,
            SYS_linkat, SYS_unlinkat, SYS_fchown, SYS_fchownat, SYS_fchmod, SYS_fchmodat,
            SYS_utimensat, SYS_ftruncate, SYS_fallocate, SYS_fsetxattr, SYS_fgetxattr,
            SYS_flistxattr, SYS_getdents64, SYS_fstatfs, SYS_fcntl, SYS_dup, SYS_recvfrom,
            SYS_sendto, SYS_ppoll, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise,
            SYS_brk, SYS_futex, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
            SYS_sigaltstack, SYS_restart_syscall, SYS_exit, SYS_exit_group, SYS_getpid, SYS_gettid,
            SYS_tgkill, SYS_getrandom, SYS_sched_yield, SYS_sched_getaffinity, SYS_clock_gettime,
            SYS_clock_nanosleep, SYS_gettimeofday, SYS_getuid, SYS_geteuid, SYS_getgid,
            SYS_getegid, SYS_set_robust_list, SYS_rseq, SYS_membarrier,
        ] + ofArchitecture

    /// Puts the calling thread under the filter for good. It has to have no_new_privs.
    static func restrictThread(to calls: [Int32]) throws(SyscallError) {
        let program = program(calls)
        _ = try syscall("seccomp") {
            berth_seccomp_set_filter(program, UInt16(program.count), 0)
        }
    }

    private static func program(_ calls: [Int32]) -> [sock_filter] {
        let load = UInt16(BPF_LD | BPF_W | BPF_ABS)
        let equal = UInt16(BPF_JMP | BPF_JEQ | BPF_K)
        let answer = UInt16(BPF_RET | BPF_K)
        let deny = UInt32(SECCOMP_RET_ERRNO) | UInt32(EPERM)
        // Offsets in `struct seccomp_data`: the number, then the architecture. Another
        // architecture's calls have other numbers; x32's are not in the list.
        var program = [
            sock_filter(code: load, jt: 0, jf: 0, k: 4),
            sock_filter(code: equal, jt: 1, jf: 0, k: architecture),
            sock_filter(code: answer, jt: 0, jf: 0, k: UInt32(SECCOMP_RET_KILL_PROCESS)),
            sock_filter(code: load, jt: 0, jf: 0, k: 0),
        ]
        for call in calls {
            program.append(sock_filter(code: equal, jt: 0, jf: 1, k: UInt32(call)))
            program.append(sock_filter(code: answer, jt: 0, jf: 0, k: UInt32(SECCOMP_RET_ALLOW)))
        }
        program.append(sock_filter(code: answer, jt: 0, jf: 0, k: deny))
        return program
    }
}
