import CLinux

extension Child {
    /// Becomes a small init: the program runs as its child, signals are passed on to it, what
    /// loses its parent is reaped, and the program's end is the container's.
    func runUnderInit() -> Never {
        takeIdentity()
        dieWithKeeper()
        var arguments = clone_args()
        arguments.exit_signal = UInt64(SIGCHLD)
        var gate = (CInt(-1), CInt(-1))
        if !makePipe(&gate) { fail(.initProcess) }
        let program = berth_clone3(&arguments)
        if program == 0 {
            _ = setsid()
            takeTerminal()
            // It never sees its init without the filter: the gate ends when that has it.
            _ = close(gate.1)
            var word: UInt8 = 0
            _ = read(gate.0, &word, 1)
            sayExecuting()
            confine()
            execute()
        }
        must(program, .initProcess)
        var bare = self
        bare.becomeInit(gate)
        serve(program)
    }

    /// Puts itself behind the program's fences, and gives up the descriptors.
    private mutating func becomeInit(_ gate: (CInt, CInt)) {
        _ = berth_prctl(PR_SET_NAME, UInt(bitPattern: c("berth-init")), 0, 0, 0)
        confine()
        // The standard streams too: their end must be seen when the program closes them.
        // One by one: a filter need not allow close_range.
        for fd in CInt(0)...3 { _ = close(fd) }
        _ = close(gate.0)
        _ = close(gate.1)
    }

    private func serve(_ program: pid_t) -> Never {
        var all = sigset_t()
        sigfillset(&all)
        while true {
            let number = sigwaitinfo(&all, nil)
            if number < 0 && berth_errno() != EINTR { waitOnly(program) }
            if number > 0 && number != SIGCHLD { _ = kill(program, number) }
            if number == SIGCHLD { reap(program) }
        }
    }

    /// Under a filter that does not let it wait for signals it reaps, and passes nothing on.
    private func waitOnly(_ program: pid_t) -> Never {
        while true {
            var status: CInt = 0
            let pid = waitpid(-1, &status, 0)
            if pid == program { end(as: status) }
            if pid < 0 && berth_errno() != EINTR { _exit(125) }
        }
    }

    private func reap(_ program: pid_t) {
        while true {
            var status: CInt = 0
            let pid = waitpid(-1, &status, WNOHANG)
            if pid <= 0 { return }
            if pid == program { end(as: status) }
        }
    }

    private func end(as status: CInt) -> Never {
        let signal = status & 0x7f
        _exit(signal == 0 ? (status >> 8) & 0xff : 128 + signal)
    }
}
