/// System calls that the default sandbox denies on purpose.
enum AttackedCalls {
    /// Never needed by an ordinary program, each a way into the kernel.
    static let denied = [
        "_sysctl", "acct", "add_key", "afs_syscall", "bpf", "clock_settime", "clone3",
        "create_module", "delete_module", "fanotify_init", "finit_module", "fsconfig",
        "fsmount", "fsopen", "fspick", "get_kernel_syms", "get_mempolicy", "init_module",
        "io_uring_enter", "io_uring_register", "io_uring_setup", "ioperm", "iopl", "kcmp",
        "kexec_file_load", "kexec_load", "keyctl", "lookup_dcookie", "mbind",
        "migrate_pages", "mount", "mount_setattr", "move_mount", "move_pages", "nfsservctl",
        "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "pivot_root",
        "process_madvise", "query_module", "quotactl", "quotactl_fd", "reboot",
        "request_key", "security", "set_mempolicy", "set_mempolicy_home_node",
        "setdomainname", "sethostname", "setns", "settimeofday", "stime", "swapoff",
        "swapon", "sysfs", "syslog", "tuxcall", "umount", "umount2", "unshare", "uselib",
        "userfaultfd", "ustat", "vhangup", "vserver",
    ]
}
