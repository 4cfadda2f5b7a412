import CLinux

/// Starts a process in a running container and waits for it.
///
/// Two steps, so that nothing with more rights than the container's own is ever visible in its
/// pid namespace: a child joins the namespaces and takes the identity and the filter while its
/// pid is still the host's, then makes the process as its sibling.
func keepProcess(_ spec: Spec) -> Never {
    var entering = Entering(spec)
    entering.launch()
    entering.serve()
}

struct Entering {
    private let spec: Spec
    private let starter = Reporter(fd: KeeperFD.report.rawValue)
    private var word = KeeperFD.word.rawValue
    private var status: CInt = -1
    /// pidfd of the process; before it exists, of the child that makes it.
    private var process: CInt = -1
    /// Its number, once it exists; also its process group's.
    private var group: pid_t = 0
    private var isExecuting = false
    private var hasReported = false

    init(_ spec: Spec) { self.spec = spec }

    mutating func launch() {
        var pipe = (CInt(-1), CInt(-1))
        guard makePipe(&pipe) else { giveUp() }
        var joiner: CInt = -1
        let pid = birth(&joiner, flags: 0, cgroup: spec.fields.cgroup_fd)
        if pid == 0 { Child(spec: spec, status: Reporter(fd: pipe.1)).joinContainer() }
        if pid < 0 { giveUp() }
        status = pipe.0
        process = joiner
        _ = close(pipe.1)
        let null = berth_open(c("/dev/null"), O_RDWR | O_CLOEXEC, 0)
        for fd in CInt(0)...2 { _ = dup2(null, fd) }
    }

    private func giveUp() -> Never {
        let error = berth_errno()
        removeCgroups(spec)
        starter.failed(.namespaces, error: error)
        _exit(125)
    }

    mutating func serve() -> Never {
        let polls = UnsafeMutablePointer<pollfd>.allocate(capacity: 3)
        while true {
            let fds = (status, process, word)
            polls[0] = pollfd(fd: fds.0, events: Int16(POLLIN), revents: 0)
            polls[1] = pollfd(fd: fds.1, events: Int16(POLLIN), revents: 0)
            polls[2] = pollfd(fd: fds.2, events: Int16(POLLIN), revents: 0)
            _ = poll(polls, 3, -1)
            if polls[0].revents != 0 {
                hearChild()
            } else if polls[1].revents != 0 && status < 0 {
                finish()
            }
            if polls[2].revents != 0 { obey() }
        }
    }

    private mutating func hearChild() {
        var event = keeper_event()
        let size = MemoryLayout<keeper_event>.size
        guard read(status, &event, size) == size else {
            _ = close(status)
            status = -1
            if isExecuting && !hasReported {
                starter.send(.started, value: wallClock())
            }
            return
        }
        switch KeeperEventKind(rawValue: event.kind) {
        case .created: takeProcess(pid_t(truncatingIfNeeded: event.value))
        case .executing:
            isExecuting = true
            return
        case .failed: hasReported = true
        default: break
        }
        starter.forward(&event)
    }

    /// The sibling that the joiner made is our child: its pid is its own until we wait for it.
    private mutating func takeProcess(_ pid: pid_t) {
        var info = siginfo_t()
        let joiner = process
        process = berth_pidfd_open(pid, 0)
        group = pid
        _ = berth_waitid_pidfd(joiner, &info, WEXITED)
        _ = close(joiner)
    }

    /// A signal to pass on; 255, or nobody left to give one: the end.
    private mutating func obey() {
        var number: UInt8 = 0
        if read(word, &number, 1) == 1 && number != 255 {
            _ = berth_pidfd_send_signal(process, CInt(number))
            return
        }
        if number != 255 {
            _ = close(word)
            word = -1
            if spec.has(KEEPER_OUTLIVES_STARTER) { return }
        }
        killAll()
    }

    private func killAll() {
        if spec.fields.cgroup_kill_fd >= 0 { _ = write(spec.fields.cgroup_kill_fd, c("1"), 1) }
        if group > 0 { _ = kill(-group, SIGKILL) }
        _ = berth_pidfd_send_signal(process, SIGKILL)
    }

    private func finish() -> Never {
        var info = siginfo_t()
        _ = berth_waitid_pidfd(process, &info, WEXITED)
        let exited = berth_siginfo_code(&info) == CLD_EXITED
        let number = berth_siginfo_status(&info)
        removeCgroups(spec)
        if isExecuting && !hasReported {
            starter.send(
                .exited,
                error: exited ? 0 : number,
                value: Int64(exited ? number : 128 + number)
            )
        } else if !hasReported {
            starter.failed(.killed, error: EINTR)
        }
        _exit(0)
    }
}
