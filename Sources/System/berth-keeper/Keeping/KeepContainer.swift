import CLinux

/// Starts a container and stays its parent until it ends.
func keepContainer(_ spec: Spec) -> Never {
    var keeping = Keeping(spec)
    keeping.launch()
    keeping.serve()
}

/// The life of one container, seen from its parent.
struct Keeping {
    private let spec: Spec
    private let starter = Reporter(fd: KeeperFD.report.rawValue)
    private var records: Records?
    private var log: Log?
    private var watch: SupervisorWatch
    /// Read end of the child's events; -1 after exec.
    private var status: CInt = -1
    /// pidfd of the container's init.
    private var process: CInt = -1
    private var pid: pid_t = 0
    private var isExecuting = false
    private var hasFailed = false
    /// What the child failed at, when it did.
    private var failure = keeper_event()
    /// Nanoseconds since 1970; 0 before exec.
    private var startedAt: Int64 = 0
    /// When its program was about to begin: not later than the first thing it wrote.
    private var begunAt: Int64 = 0

    init(_ spec: Spec) {
        self.spec = spec
        watch = SupervisorWatch(spec, starter: KeeperFD.starter.rawValue)
    }

    mutating func launch() {
        records = Records()
        if records == nil { giveUp(.state) }
        var stdio = Stdio()
        if spec.has(KEEPER_LOGS) { stdio = openLog() }
        var pipe = (CInt(-1), CInt(-1))
        guard makePipe(&pipe) else { giveUp(.namespaces) }

        var joining = PIDNamespaceJoin(spec)
        if !joining.begin() { giveUp(.join, joining.index) }
        // A cgroup namespace made here would show its parent's place: the child makes its own.
        let flags = spec.fields.namespaces & ~UInt64(CLONE_NEWCGROUP)
        pid = birth(&process, flags: flags, cgroup: spec.fields.cgroup_fd)
        if pid == 0 {
            Child(spec: spec, status: Reporter(fd: pipe.1)).becomeContainer(stdio: stdio)
        }
        if pid < 0 { giveUp(.namespaces) }
        joining.end()
        starter.send(.created, value: Int64(pid))
        status = pipe.0
        _ = close(pipe.1)
        letGo(stdio)
        setOOMScore("-900")
    }

    /// What only the child needs. The keeper holds nobody's pipe open.
    private func letGo(_ stdio: Stdio) {
        _ = close(KeeperFD.word.rawValue)
        if spec.fields.cgroup_fd >= 0 { _ = close(spec.fields.cgroup_fd) }
        for mount in spec.list(spec.fields.mounts, of: keeper_mount.self) where mount.given >= 0 {
            _ = close(mount.given)
        }
        for join in spec.list(spec.fields.namespace_joins, of: keeper_join.self) {
            _ = close(join.process)
        }
        if stdio.output >= 0 {
            _ = close(stdio.output)
            _ = close(stdio.error)
        } else {
            _ = dup2(0, 1)
            _ = dup2(0, 2)
        }
    }

    private mutating func openLog() -> Stdio {
        let fields = spec.fields
        var output = (CInt(-1), CInt(-1))
        var error = (CInt(-1), CInt(-1))
        guard
            let file = LogFile(
                folder: KeeperFD.folder.rawValue,
                limit: fields.log_file_bytes,
                files: fields.log_files
            ),
            makePipe(&output), makePipe(&error)
        else { giveUp(.log) }
        for end in [output.0, error.0] { _ = berth_fcntl(end, F_SETFL, O_NONBLOCK) }
        log = Log(output: output.0, error: error.0, into: file)
        return Stdio(output: output.1, error: error.1)
    }

    /// Before there is a child: nothing to undo but the cgroups, which were made for it.
    private func giveUp(_ stage: KeeperStage, _ index: Int = 0) -> Never {
        let error = berth_errno()
        records?.forget()
        removeCgroups(spec)
        starter.failed(stage, index: index, error: error)
        _exit(125)
    }

    mutating func serve() -> Never {
        let polls = UnsafeMutablePointer<pollfd>.allocate(capacity: 5)
        while true {
            let fds = (status, log?.output.fd ?? -1, log?.error.fd ?? -1, process, watch.fd)
            polls[0] = wait(for: fds.0)
            polls[1] = wait(for: fds.1)
            polls[2] = wait(for: fds.2)
            polls[3] = wait(for: fds.3)
            polls[4] = wait(for: fds.4)
            _ = poll(polls, 5, watch.timeout)
            if polls[1].revents | polls[2].revents != 0 { noteBeginning() }
            if polls[1].revents != 0 { log?.copyOutput() }
            if polls[2].revents != 0 { log?.copyError() }
            log?.flush()
            if polls[0].revents != 0 { hearChild() }
            if polls[4].revents != 0 { abandoned() }
            watch.tick()
            if polls[3].revents != 0 { finish() }
        }
    }

    private func wait(for fd: CInt) -> pollfd {
        pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
    }

    private mutating func hearChild() {
        var event = keeper_event()
        let size = MemoryLayout<keeper_event>.size
        guard read(status, &event, size) == size else {
            _ = close(status)
            status = -1
            if isExecuting && !hasFailed { started() }
            return
        }
        switch KeeperEventKind(rawValue: event.kind) {
        case .executing:
            isExecuting = true
            noteBeginning()
        case .failed: hasFailed = true
        default: starter.forward(&event)
        }
        // A failure is passed on when nothing is left of it.
        if hasFailed { failure = event }
    }

    private mutating func noteBeginning() {
        if begunAt == 0 { begunAt = wallClock() }
    }

    private mutating func started() {
        startedAt = begunAt
        if records?.writeState(spec, initPID: pid, startedAt: startedAt) != true {
            failure = keeper_event(
                kind: KeeperEventKind.failed.rawValue,
                stage: KeeperStage.state.rawValue,
                index: 0,
                error: berth_errno(),
                value: 0
            )
            hasFailed = true
            startedAt = 0
            _ = berth_pidfd_send_signal(process, SIGKILL)
            return
        }
        giveUpPrivileges(revives: revives)
        starter.send(.started, value: startedAt)
        _ = close(starter.fd)
    }

    private var revives: Bool {
        KeeperAbandonment(rawValue: spec.fields.abandonment) == .revive
    }

    private mutating func abandoned() {
        switch KeeperAbandonment(rawValue: spec.fields.abandonment) {
        case .revive: watch.supervisorEnded()
        case .stay: watch.stop()
        case .kill, nil:
            watch.stop()
            _ = berth_pidfd_send_signal(process, SIGKILL)
        }
    }

    /// The init ended, and with it every process of its pid namespace, or else of its cgroup: nobody
    /// writes any more.
    private mutating func finish() -> Never {
        while status >= 0 { hearChild() }
        var info = siginfo_t()
        _ = berth_waitid_pidfd(process, &info, WEXITED)
        if spec.fields.namespaces & UInt64(CLONE_NEWPID) == 0 { killCgroup(spec) }
        log?.drain()
        if startedAt == 0 { finishUnstarted() }
        let exited = berth_siginfo_code(&info) == CLD_EXITED
        let number = berth_siginfo_status(&info)
        records?.writeExit(
            code: exited ? number : 128 + number,
            signal: exited ? 0 : number,
            oomKilled: wasOOMKilled(spec.fields.oom_fd),
            startedAt: startedAt,
            loss: log?.loss ?? LogLoss()
        )
        removeCgroups(spec)
        _exit(0)
    }

    private mutating func finishUnstarted() -> Never {
        let wasKilled = wasOOMKilled(spec.fields.oom_fd)
        records?.forget()
        removeCgroups(spec)
        if hasFailed {
            starter.forward(&failure)
        } else {
            starter.failed(.killed, error: wasKilled ? ENOMEM : EINTR)
        }
        _exit(125)
    }
}
