import CLinux

/// The files `state` and `exit` in the container's folder. Both appear whole, by renaming.
struct Records {
    private let folder = KeeperFD.folder.rawValue
    /// Its space is taken at the start: a full disk does not swallow how a container ended.
    private var exit: CInt = -1

    /// nil with errno.
    init?() {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        exit = berth_openat(folder, c(".exit"), flags, 0o600)
        var nothing = (keeper_exit(), keeper_loss())
        let size = MemoryLayout<keeper_exit>.size + MemoryLayout<keeper_loss>.size
        guard exit >= 0, write(exit, &nothing, size) == size else { return nil }
    }

    /// False with errno.
    func writeState(_ spec: Spec, initPID: pid_t, startedAt: Int64) -> Bool {
        var state = keeper_state()
        state.magic = keeper_state_magic
        state.keeper_pid = getpid()
        state.init_pid = initPID
        state.keeper_start = startTime(of: getpid())
        state.init_start = startTime(of: initPID)
        state.started_at = startedAt
        let boot = spec.path(spec.fields.boot_id)
        withUnsafeMutableBytes(of: &state.boot_id) { buffer in
            guard let base = buffer.baseAddress else { return }
            memcpy(base, boot, min(strlen(boot), buffer.count - 1))
        }
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let fd = berth_openat(folder, c(".state"), flags, 0o600)
        guard fd >= 0 else { return false }
        defer { _ = close(fd) }
        let size = MemoryLayout<keeper_state>.size
        return write(fd, &state, size) == size
            && renameat(folder, c(".state"), folder, c("state")) == 0
    }

    func writeExit(
        code: Int32,
        signal: Int32,
        oomKilled: Bool,
        startedAt: Int64,
        loss: LogLoss
    ) {
        var record = keeper_exit(
            magic: keeper_exit_magic,
            code: code,
            signal: signal,
            oom_killed: oomKilled ? 1 : 0,
            started_at: startedAt,
            finished_at: wallClock()
        )
        let size = MemoryLayout<keeper_exit>.size
        _ = pwrite(exit, &record, size, 0)
        if loss.isAny {
            var rest = loss.record
            _ = pwrite(exit, &rest, MemoryLayout<keeper_loss>.size, off_t(size))
        } else {
            _ = ftruncate(exit, off_t(size))
        }
        _ = renameat(folder, c(".exit"), folder, c("exit"))
        _ = unlinkat(folder, c("state"), 0)
    }

    /// Nothing ran: nothing is recorded.
    func forget() {
        _ = unlinkat(folder, c(".exit"), 0)
        _ = unlinkat(folder, c(".state"), 0)
    }
}
