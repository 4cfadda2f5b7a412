import CLinux

/// The child's ends of its streams; -1 where the descriptor of that number is already the program's.
struct Stdio {
    var input: CInt = -1
    var output: CInt = -1
    var error: CInt = -1
    /// Where the keeper waits for the terminal that the child makes; -1 where it makes none.
    var terminal: CInt = -1

    /// What only the child needs.
    func close() {
        _ = CLinux.close(input)
        _ = CLinux.close(output)
        _ = CLinux.close(error)
        _ = CLinux.close(terminal)
    }
}

extension Child {
    /// Makes the pipes 0, 1 and 2. They belong to the program's user, or it could not open
    /// `/dev/stdout` again.
    func takeStdio(_ stdio: Stdio) {
        if stdio.input >= 0 { must(dup2(stdio.input, 0), .stdio) }
        if stdio.output >= 0 { must(dup2(stdio.output, 1), .stdio) }
        if stdio.error >= 0 { must(dup2(stdio.error, 2), .stdio) }
        giveStdioAway()
    }

    /// Pipes only: a file of the caller stays the caller's.
    func giveStdioAway() {
        let (user, group) = (hostUser(spec.fields.user), hostGroup(spec.fields.group))
        guard user != 0 else { return }
        for fd in CInt(0)...2 {
            if FileKind.fifo.matches(fd) { _ = fchown(fd, user, group) }
        }
    }
}
