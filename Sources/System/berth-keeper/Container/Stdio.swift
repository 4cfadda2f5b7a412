import CLinux

/// Write ends of the log's pipes; -1 where 1 and 2 are already the program's.
struct Stdio {
    var output: CInt = -1
    var error: CInt = -1
}

extension Child {
    /// Makes the pipes 1 and 2. They belong to the program's user, or it could not open
    /// `/dev/stdout` again.
    func takeStdio(_ stdio: Stdio) {
        if stdio.output >= 0 { must(dup2(stdio.output, 1), .stdio) }
        if stdio.error >= 0 { must(dup2(stdio.error, 2), .stdio) }
        giveStdioAway()
    }

    /// Pipes only: a terminal or a file of the caller stays the caller's.
    func giveStdioAway() {
        let fields = spec.fields
        guard fields.user != 0 else { return }
        for fd in CInt(0)...2 {
            if FileKind.fifo.matches(fd) { _ = fchown(fd, fields.user, fields.group) }
        }
    }
}
