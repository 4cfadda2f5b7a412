import CLinux

extension Child {
    /// In the child of the exec keeper: everything up to the process itself.
    ///
    /// It stays outside the container's pid namespace. The process it makes has no descriptor of
    /// ours and shares no memory with anybody but the journal.
    func joinContainer(_ journal: Journal, stdio: Stdio) -> Never {
        var child = self
        child.separateFromHost()
        child.giveStdioAway()
        child.takeOOMScore()
        child.setAppArmorProfile()
        child.joinCgroups()
        child.setLimits()
        child.must(
            berth_setns(spec.fields.init_fd, CInt(truncatingIfNeeded: spec.fields.namespaces)),
            .join
        )
        if berth_join_session_keyring() < 0 && berth_errno() != ENOSYS { child.warn(.keyring) }
        if spec.has(KEEPER_TERMINAL) { child.makeTerminalInside(handover: stdio.terminal) }
        child.enterUserNamespace()
        child.closeEverything()
        child.enterWorkingDirectory()
        _ = umask(0o022)
        child.takeIdentity()
        child.confine()
        let process = berth_clone_sibling(journal.process)
        if process == 0 { child.becomeProcess() }
        child.must(process, .join)
        // The process executes its program, or has ended.
        _exit(0)
    }

    private func becomeProcess() -> Never {
        _ = setsid()
        takeTerminal()
        if !spec.has(KEEPER_OUTLIVES_STARTER) { dieWithKeeper() }
        status.send(.executing)
        execute()
    }
}
