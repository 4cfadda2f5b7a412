import CLinux

extension Child {
    /// Makes the container's terminal in its own file system of terminals, names it `/dev/console`
    /// too, and leaves it to the keeper.
    ///
    /// Nothing is found by a path that the image or a volume could have prepared: the terminal's
    /// end for the program comes from the kernel (TIOCGPTPEER), the place of the console is made
    /// in our `/dev` by its descriptor, and one is mounted upon the other by descriptors
    /// (CVE-2025-52565).
    func makeTerminal(_ places: Places, handover: CInt) {
        let program = openTerminal(in: places.terminals, handover: handover)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let console = must(berth_openat(places.devices, c("console"), flags, 0o600), .terminal)
        let tree = must(copyTree(program, c(""), recursive: false), .terminal)
        must(attach(tree, console), .terminal)
        for fd in [tree, console, program, places.terminals, places.devices] { _ = close(fd) }
    }

    /// Makes a terminal for a process that enters a container, whose `/dev` may be hostile by now:
    /// only a real file system of terminals is taken, and of it only what is not covered.
    func makeTerminalInside(handover: CInt) {
        let resolve = Resolve.beneath | Resolve.noSymlinks
        let root = must(berth_open(c("/"), O_PATH | O_DIRECTORY | O_CLOEXEC, 0), .terminal)
        let folder = must(
            openBeneath(root, c("dev/pts"), O_PATH | O_DIRECTORY, resolve),
            .terminal
        )
        let program = openTerminal(in: folder, handover: handover)
        for fd in [program, folder, root] { _ = close(fd) }
    }

    /// Makes the new terminal 0, 1 and 2, and hands both of its ends to the keeper.
    private func openTerminal(in folder: CInt, handover: CInt) -> CInt {
        var fileSystem = statfs()
        must(fstatfs(folder, &fileSystem), .terminal)
        if Int(fileSystem.f_type) != Int(DEVPTS_SUPER_MAGIC) {
            fail(.terminal, 0, error: ENODEV)
        }
        let keepers = must(
            openBeneath(
                folder,
                c("ptmx"),
                O_RDWR | O_NOCTTY,
                Resolve.beneath | Resolve.noSymlinks | Resolve.noOtherMounts
            ),
            .terminal
        )
        must(berth_unlock_terminal(keepers), .terminal)
        let program = must(
            berth_open_terminal_peer(keepers, O_RDWR | O_NOCTTY | O_CLOEXEC),
            .terminal
        )
        // The group stays that of terminals.
        must(fchown(program, hostUser(spec.fields.user), gid_t.max), .terminal)
        for fd in CInt(0)...2 { must(dup2(program, fd), .terminal) }
        let window = spec.fields.window
        if window.rows > 0 { _ = berth_set_window(keepers, window.rows, window.columns) }
        if berth_send_two_descriptors(handover, keepers, program) != 1 { fail(.terminal) }
        _ = close(keepers)
        return program
    }

    /// Makes the terminal the controlling one of the program's session.
    func takeTerminal() {
        guard spec.has(KEEPER_TERMINAL) else { return }
        must(berth_take_controlling_terminal(0), .terminal)
    }
}
