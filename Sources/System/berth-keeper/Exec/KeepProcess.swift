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
    private var word = KeeperFD.word.rawValue
    /// pidfd of the child that makes the process; -1 when it has ended.
    private var joiner: CInt = -1
    private var joinerNumber: pid_t = 0
    /// pidfd of the process; -1 before it is known.
    private var process: CInt = -1
    /// Its number and its process group's, for as long as it was not waited for.
    private var group: pid_t = 0
    private var isKilled = false
    private var isExecuting = false
    private var hasFailed = false
    private var failure = keeper_event()

    init(_ spec: Spec) { self.spec = spec }

    mutating func launch() {
        guard let journal = Journal() else { giveUp() }
        self.journal = journal
        joinerNumber = birth(&joiner, flags: 0, cgroup: spec.fields.cgroup_fd)
        if joinerNumber == 0 {
            Child(spec: spec, status: Reporter(journal: journal)).joinContainer(journal)
        }
        if joinerNumber < 0 { giveUp() }
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
        let polls = UnsafeMutablePointer<pollfd>.allocate(capacity: 2)
        while true {
            let isJoining = joiner >= 0
            polls[0] = pollfd(fd: isJoining ? joiner : process, events: Int16(POLLIN), revents: 0)
            polls[1] = pollfd(fd: word, events: Int16(POLLIN), revents: 0)
            _ = poll(polls, 2, -1)
            if polls[0].revents != 0 {
                if isJoining { joinerEnded() } else { finish() }
            }
            if polls[1].revents != 0 { obey() }
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
    }

    /// A signal to pass on; 255, or nobody left to give one: the end.
    private mutating func obey() {
        var number: UInt8 = 0
        if read(word, &number, 1) == 1 && number != 255 {
            if process >= 0 { _ = berth_pidfd_send_signal(process, CInt(number)) }
            return
        }
        if number != 255 {
            _ = close(word)
            word = -1
            if spec.has(KEEPER_OUTLIVES_STARTER) { return }
        }
        killAll()
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

    private func finish() -> Never {
        var info = siginfo_t()
        if process >= 0 { _ = berth_waitid_pidfd(process, &info, WEXITED) }
        removeCgroups(spec)
        if hasFailed {
            var failure = failure
            starter.forward(&failure)
        } else if process >= 0 && isExecuting {
            let exited = berth_siginfo_code(&info) == CLD_EXITED
            let number = berth_siginfo_status(&info)
            starter.send(
                .exited,
                error: exited ? 0 : number,
                value: Int64(exited ? number : 128 + number)
            )
        } else {
            starter.failed(.killed, error: EINTR)
        }
        _exit(0)
    }
}
