import CLinux

/// Makes a child in new namespaces and, where a v2 cgroup is given, born in it. 0 in the child,
/// its pid in the parent with its pidfd in `process`, -1 with errno.
func birth(_ process: inout CInt, flags: UInt64, cgroup: CInt) -> pid_t {
    var arguments = clone_args()
    arguments.flags = flags | UInt64(CLONE_PIDFD)
    arguments.exit_signal = UInt64(SIGCHLD)
    if cgroup >= 0 {
        arguments.flags |= UInt64(CLONE_INTO_CGROUP)
        arguments.cgroup = UInt64(cgroup)
    }
    var pidfd: CInt = -1
    let pid = withUnsafeMutablePointer(to: &pidfd) { pointer in
        arguments.pidfd = UInt64(UInt(bitPattern: pointer))
        return berth_clone3(&arguments)
    }
    process = pidfd
    return pid
}

/// A pipe whose ends are closed by exec: reading end, writing end.
func makePipe(_ ends: inout (CInt, CInt)) -> Bool {
    withUnsafeMutablePointer(to: &ends) { pointer in
        pointer.withMemoryRebound(to: CInt.self, capacity: 2) { berth_pipe2($0, O_CLOEXEC) == 0 }
    }
}

/// How likely the machine's memory troubles end this process, from -1000 to 1000. A keeper should
/// outlive its container; what it starts is as any other. Where the kernel does not allow it
/// things stay as they are.
func setOOMScore(_ score: StaticString) {
    let fd = berth_open(c("/proc/self/oom_score_adj"), O_WRONLY | O_CLOEXEC, 0)
    guard fd >= 0 else { return }
    _ = write(fd, c(score), score.utf8CodeUnitCount)
    _ = close(fd)
}
