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
    /// nil where the starter has the program's streams.
    private var streams: Streams?
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

    /// Milliseconds for which the end of a container waits for a client that reads slowly.
    private static let lastPatience: Int64 = 1000

    init(_ spec: Spec) {
        self.spec = spec
        watch = SupervisorWatch(spec, starter: KeeperFD.starter.rawValue)
    }

    mutating func launch() {
        records = Records()
        if records == nil { giveUp(.state) }
        var stdio = Stdio()
        if spec.has(KEEPER_HAS_STREAMS) {
            streams = Streams(ofContainer: spec, childs: &stdio)
            if streams == nil { giveUp(.log) }
        }
        var pipe = (CInt(-1), CInt(-1))
        guard makePipe(&pipe) else { giveUp(.namespaces) }

        var joining = PIDNamespaceJoin(spec)
        if !joining.begin() { giveUp(.join, joining.index) }
        var place = BirthNamespaces(spec)
        if !place.begin() { giveUp(.namespaces) }
        // A cgroup namespace made here would show its parent's place: the child makes its own.
        let flags = spec.fields.namespaces & ~UInt64(CLONE_NEWCGROUP)
        pid = birth(&process, flags: flags, cgroup: spec.fields.cgroup_fd)
        if pid == 0 {
            Child(spec: spec, status: Reporter(fd: pipe.1)).becomeContainer(stdio: stdio)
        }
        if pid < 0 { giveUp(.namespaces) }
        joining.end()
        place.end()
        starter.send(.created, value: Int64(pid))
        streams?.process = process
        status = pipe.0
        _ = close(pipe.1)
        letGo(stdio)
        setOOMScore("-900")
    }

    /// What only the child needs. The keeper holds nobody's pipe open.
    private func letGo(_ stdio: Stdio) {
        _ = close(KeeperFD.control.rawValue)
        if spec.fields.cgroup_fd >= 0 { _ = close(spec.fields.cgroup_fd) }
        if spec.fields.user_namespace >= 0 { _ = close(spec.fields.user_namespace) }
        for mount in spec.list(spec.fields.mounts, of: keeper_mount.self) where mount.given >= 0 {
            _ = close(mount.given)
        }
        for join in spec.list(spec.fields.namespace_joins, of: keeper_join.self) {
            _ = close(join.process)
        }
        stdio.close()
        if streams == nil {
            _ = dup2(0, 1)
            _ = dup2(0, 2)
        }
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
        // Besides the streams: status, supervisor and process.
        var table = PollTable(capacity: Streams.entries + 3)
        while true {
            table.removeAll()
            streams?.add(to: &table)
            table.add(status, .status)
            table.add(watch.fd, .supervisor)
            table.add(process, .process)
            table.wait(sooner(watch.timeout, streams?.timeout ?? -1))
            // What the program wrote is in the log before its end is written down.
            for index in 0..<table.count where table.events(index) != 0 {
                handle(table.role(index), table.events(index))
            }
            streams?.flush()
            watch.tick()
        }
    }

    private mutating func handle(_ role: PollRole, _ events: CInt) {
        switch role {
        case .stream(let stream):
            if case .output = stream { noteBeginning() }
            if case .error = stream { noteBeginning() }
            streams?.handle(stream, events)
        case .status: hearChild()
        case .supervisor: abandoned()
        case .process: finish()
        case .control: break
        }
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
        streams?.drain(patience: Self.lastPatience)
        if startedAt == 0 { finishUnstarted() }
        let exited = berth_siginfo_code(&info) == CLD_EXITED
        let number = berth_siginfo_status(&info)
        let code = exited ? number : 128 + number
        records?.writeExit(
            code: code,
            signal: exited ? 0 : number,
            oomKilled: wasOOMKilled(spec.fields.oom_fd),
            startedAt: startedAt,
            loss: streams?.loss ?? LogLoss()
        )
        streams?.end(code: code, signal: exited ? 0 : number, patience: Self.lastPatience)
        removeCgroups(spec)
        _exit(0)
    }

    private mutating func finishUnstarted() -> Never {
        let wasKilled = wasOOMKilled(spec.fields.oom_fd)
        streams?.end(code: 128, signal: 0, patience: 0)
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
