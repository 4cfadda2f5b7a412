import CLinux

extension Child {
    /// Becomes a small init: the program runs as its child, signals are passed on to it, what
    /// loses its parent is reaped, and the program's end is the container's.
    func runUnderInit() -> Never {
        takeIdentity()
        dieWithKeeper()
        var arguments = clone_args()
        arguments.exit_signal = UInt64(SIGCHLD)
        let program = berth_clone3(&arguments)
        if program == 0 {
            _ = setsid()
            status.send(.executing)
            confine()
            execute()
        }
        must(program, .initProcess)
        var bare = self
        bare.becomeInit()
        serve(program)
    }

    /// Gives up what only the program needed: descriptors, and capabilities to administrate.
    private mutating func becomeInit() {
        _ = berth_prctl(PR_SET_NAME, UInt(bitPattern: c("berth-init")), 0, 0, 0)
        let wanted = spec.fields.capabilities
        var held: UInt64 = 0
        must(berth_capget_permitted(0, &held), .capabilities)
        must(berth_capset(wanted & held, wanted & held, 0), .capabilities)
        if spec.has(KEEPER_NO_NEW_PRIVILEGES) {
            must(berth_prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), .noNewPrivileges)
        }
        // The standard streams too: their end must be seen when the program closes them.
        _ = berth_close_range(0, UInt32.max, 0)
    }

    private func serve(_ program: pid_t) -> Never {
        var all = sigset_t()
        sigfillset(&all)
        while true {
            let number = sigwaitinfo(&all, nil)
            if number > 0 && number != SIGCHLD { _ = kill(program, number) }
            if number == SIGCHLD { reap(program) }
        }
    }

    private func reap(_ program: pid_t) {
        while true {
            var status: CInt = 0
            let pid = waitpid(-1, &status, WNOHANG)
            if pid <= 0 { return }
            if pid != program { continue }
            let signal = status & 0x7f
            _exit(signal == 0 ? (status >> 8) & 0xff : 128 + signal)
        }
    }
}
