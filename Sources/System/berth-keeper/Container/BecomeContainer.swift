import CLinux

extension Child {
    /// Everything between clone and exec of a container's init, in the one order that is safe.
    func becomeContainer(stdio: Stdio) -> Never {
        var child = self
        child.takeStdio(stdio)
        child.takeOOMScore()
        child.setAppArmorProfile()
        child.joinNamespaces()
        child.joinCgroups()
        child.newSession()
        _ = umask(0)

        let sources = child.openMountSources()
        child.makeEverythingPrivate()
        child.actForContainer()
        let root = child.mountRoot()
        let places = child.mountAll(on: root, sources: sources)
        child.makeOuterNodes(root: root)
        if spec.has(KEEPER_TERMINAL) {
            child.makeTerminal(places, handover: stdio.terminal)
        }
        child.setSysctls(procfs: places.procfs)
        child.maskPaths(root: root, null: places.null)
        child.protectPaths(root: root)
        child.makeWorkingDirectory(root: root)
        if spec.has(KEEPER_READ_ONLY_ROOT) { child.makeReadOnly(root: root) }
        child.pivot(to: root)
        child.setNames()
        child.setLimits()
        _ = umask(0o022)

        child.waitForGo()
        child.enterUserNamespace()
        child.closeEverything()
        child.enterWorkingDirectory()
        if spec.has(KEEPER_OWN_INIT) { child.runUnderInit() }
        child.takeTerminal()
        child.takeIdentity()
        child.dieWithKeeper()
        child.sayExecuting()
        child.confine()
        child.execute()
    }

    /// The caller has connected the network, or lost interest.
    private func waitForGo() {
        var frame = keeper_frame()
        let size = MemoryLayout<keeper_frame>.size
        let count = recv(KeeperFD.control.rawValue, &frame, size, CInt(MSG_WAITALL))
        if count != size || frame.kind != KeeperRequest.go.rawValue { _exit(0) }
    }

    /// Leaves 0, 1, 2 and the status pipe, if there is one, which becomes 3: nothing of the host
    /// can be reached by a number any more, neither by the working directory nor by the program's
    /// path.
    mutating func closeEverything() {
        guard status.fd >= 0 else {
            must(berth_close_range(3, UInt32.max, 0), .stdio)
            return
        }
        if status.fd != 3 {
            must(berth_dup3(status.fd, 3, O_CLOEXEC), .stdio)
            status = Reporter(fd: 3)
        }
        must(berth_close_range(4, UInt32.max, 0), .stdio)
    }

    /// A keeper that is killed takes its container with it. Cleared by changing users, so this
    /// comes after; a keeper that was killed before it is found by `sayExecuting`.
    func dieWithKeeper() {
        _ = berth_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL), 0, 0, 0)
    }

    /// The last word before executing. Without a keeper to hear it nothing may run.
    func sayExecuting() {
        if !status.send(.executing) { _exit(0) }
    }
}
