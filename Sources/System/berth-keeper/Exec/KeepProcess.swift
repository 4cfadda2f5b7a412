import CLinux

/// Starts a process in a running container and waits for it.
///
/// Two steps, so that nothing with more rights than the container's own is ever visible in its
/// pid namespace: a child joins the namespaces and takes the identity and the filter while its
/// pid is still the host's, then makes the process as its sibling, and ends when that executes.
func keepProcess(_ spec: Spec) -> Never {
    var entering = Entering(spec)
    entering.launch()
    entering.serve()
}

struct Entering {
    private let spec: Spec
    private let starter = Reporter(fd: KeeperFD.report.rawValue)
    private var journal: Journal?
    /// The starter; nil when it has gone.
    private var control: Connection?
    /// Of a process with a terminal.
    private var streams: Streams?
    /// pidfd of the child that makes the process; -1 when it has ended.
    private var joiner: CInt = -1
    private var joinerNumber: pid_t = 0
    /// pidfd of the process; -1 before it is known.
    private var process: CInt = -1
    /// Its number and its process group's, for as long as it was not waited for.
    private var group: pid_t = 0
    private var isKilled = false
    private var outlivesStarter: Bool
    private var isExecuting = false
    private var hasFailed = false
    private var failure = keeper_event()

    init(_ spec: Spec) {
        self.spec = spec
        outlivesStarter = spec.has(KEEPER_OUTLIVES_STARTER)
    }

    mutating func launch() {
        guard let journal = Journal() else { giveUp() }
        self.journal = journal
        var stdio = Stdio()
        if spec.has(KEEPER_TERMINAL) {
            streams = Streams(ofProcess: spec, childs: &stdio)
            if streams == nil { giveUp() }
        }
        joinerNumber = birth(&joiner, flags: 0, cgroup: spec.fields.cgroup_fd)
        if joinerNumber == 0 {
            Child(spec: spec, status: Reporter(journal: journal))
                .joinContainer(journal, stdio: stdio)
        }
        if joinerNumber < 0 { giveUp() }
        stdio.close()
        control = Connection(taking: KeeperFD.control.rawValue)
        let null = berth_open(c("/dev/null"), O_RDWR | O_CLOEXEC, 0)
        for fd in CInt(0)...2 { _ = dup2(null, fd) }
        giveUpPrivileges(revives: false)
    }

    private func giveUp() -> Never {
        let error = berth_errno()
        removeCgroups(spec)
        starter.failed(.namespaces, error: error)
        _exit(125)
    }

    mutating func serve() -> Never {
        // Besides the streams: control, and the process or who makes it.
        var table = PollTable(capacity: Streams.entries + 2)
        while true {
            table.removeAll()
            streams?.add(to: &table)
            if let control { table.add(control.fd, .control) }
            table.add(joiner >= 0 ? joiner : process, .process)
            table.wait(streams?.timeout ?? -1)
            for index in 0..<table.count where table.events(index) != 0 {
                switch table.role(index) {
                case .stream(let stream): streams?.handle(stream, table.events(index))
                case .control: hearStarter()
                case .process: if joiner >= 0 { joinerEnded() } else { finish() }
                case .status, .supervisor: break
                }
            }
        }
    }

    private mutating func joinerEnded() {
        var info = siginfo_t()
        _ = berth_waitid_pidfd(joiner, &info, WEXITED)
        adoptProcess()
        _ = close(joiner)
        joiner = -1
        guard process >= 0 else {
            readJournal()
            finish()
        }
        starter.send(.created, value: Int64(group))
        readJournal()
        if isKilled { killAll() }
        if isExecuting && !hasFailed { starter.send(.started, value: wallClock()) }
    }

    /// Warnings, and either a failure or the word that the program is about to be executed.
    ///
    /// Kinds and stages are compared as numbers: an enum of C takes any number in Swift, and a
    /// `switch` over one that is none of its cases ends the process.
    private mutating func readJournal() {
        guard let journal = journal?.copy() else { return }
        for index in 0..<journal.count {
            var event = journal.event(index)
            if event.kind == KeeperEventKind.executing.rawValue {
                isExecuting = true
                continue
            }
            guard event.stage >= KeeperStage.spec.rawValue,
                event.stage <= KeeperStage.killed.rawValue
            else { continue }
            if event.kind == KeeperEventKind.warning.rawValue { starter.forward(&event) }
            if event.kind == KeeperEventKind.failed.rawValue {
                hasFailed = true
                failure = event
            }
        }
    }

    /// Takes the process that the joiner made, once, and only if it is a child of ours beside the
    /// joiner: the number comes from memory that the process can write.
    private mutating func adoptProcess() {
        guard process < 0, let number = journal?.copy().process.pointee, number > 0,
            number != joinerNumber
        else { return }
        let found = berth_pidfd_open(number, 0)
        guard found >= 0 else { return }
        var info = siginfo_t()
        guard berth_waitid_pidfd(found, &info, WEXITED | WNOHANG | WNOWAIT) == 0 else {
            _ = close(found)
            return
        }
        process = found
        group = number
        streams?.process = found
    }

    /// What the starter wants. When it has gone, or says what nobody understands, that is the end
    /// of the process, unless it stays without it.
    private mutating func hearStarter() {
        var isThere = control?.receive() == true
        while let next = control?.next() {
            guard case .frame(let frame) = next else {
                if case .malformed = next { isThere = false }
                break
            }
            switch frame.kind {
            case .signal:
                if let number = frame.load(Int32.self), (1...64).contains(number), process >= 0 {
                    _ = berth_pidfd_send_signal(process, number)
                }
            case .kill: killAll()
            case .detach: outlivesStarter = true
            case .go, .attach, .input, .closeInput, .resize: break
            }
            control?.drop(frame)
        }
        if isThere { return }
        control?.close()
        control = nil
        if !outlivesStarter { killAll() }
    }

    /// By its cgroup, where it has one of its own, and by pidfd. What the joiner has made by now is
    /// known even if the joiner cannot say so any more.
    private mutating func killAll() {
        isKilled = true
        if spec.fields.cgroup_kill_fd >= 0 { _ = write(spec.fields.cgroup_kill_fd, c("1"), 1) }
        if joiner >= 0 { _ = berth_pidfd_send_signal(joiner, SIGKILL) }
        adoptProcess()
        guard process >= 0 else { return }
        // Before Linux 6.9 the group has to be named. Its leader is our child and was not waited
        // for: the number is nobody else's.
        if berth_pidfd_signal_group(process, SIGKILL) < 0 && berth_errno() == EINVAL {
            _ = kill(-group, SIGKILL)
        }
        _ = berth_pidfd_send_signal(process, SIGKILL)
    }

    private mutating func finish() -> Never {
        var info = siginfo_t()
        if process >= 0 { _ = berth_waitid_pidfd(process, &info, WEXITED) }
        // Who has it killed does not read what it still says.
        streams?.drain(patience: isKilled ? 0 : nil, pieces: 256)
        let exited = berth_siginfo_code(&info) == CLD_EXITED
        let number = berth_siginfo_status(&info)
        let code = exited ? number : 128 + number
        streams?.end(code: code, signal: exited ? 0 : number, patience: isKilled ? 0 : nil)
        removeCgroups(spec)
        if hasFailed {
            var failure = failure
            starter.forward(&failure)
        } else if process >= 0 && isExecuting {
            starter.send(.exited, error: exited ? 0 : number, value: Int64(code))
        } else {
            starter.failed(.killed, error: EINTR)
        }
        _exit(0)
    }
}
