import CLinux
import Glibc
import Linux
import SystemPackage

extension ContainerFolder {
    /// What the keeper wrote of the run that is going on, or whose keeper was killed.
    func readState() throws(SyscallError) -> keeper_state? {
        let state = try read(state, as: keeper_state.self)
        return state?.magic == keeper_state_magic ? state : nil
    }

    /// What the keeper wrote of the run that ended.
    func readExit() throws(SyscallError) -> ExitRecord? {
        guard let record = try read(exit, as: keeper_exit.self),
            record.magic == keeper_exit_magic
        else { return nil }
        return ExitRecord(
            cause: record.signal == 0
                ? .exited(code: record.code) : .signalled(record.signal),
            oomKilled: record.oom_killed != 0,
            startedAtNanoseconds: record.started_at,
            finishedAtNanoseconds: record.finished_at
        )
    }

    /// nil for a file that is not there or not whole: a power cut may leave it empty.
    private func read<Record: BitwiseCopyable>(
        _ path: FilePath,
        as type: Record.Type
    ) throws(SyscallError) -> Record? {
        do throws(SyscallError) {
            let bytes = try readFile(path, limit: 4096)
            guard bytes.count == MemoryLayout<Record>.size else { return nil }
            return bytes.withUnsafeBytes { $0.loadUnaligned(as: type) }
        } catch  where error.errno == ENOENT {
            return nil
        }
    }
}

extension keeper_state {
    var keeper: ProcessIdentity {
        ProcessIdentity(pid: keeper_pid, startTime: keeper_start, bootID: bootText)
    }

    var initProcess: ProcessIdentity {
        ProcessIdentity(pid: init_pid, startTime: init_start, bootID: bootText)
    }

    private var bootText: String {
        withUnsafeBytes(of: boot_id) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}

extension ExitRecord {
    /// The record of a run that nobody saw the end of, found now.
    static func lost(startedAtNanoseconds: Int64) -> ExitRecord {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return ExitRecord(
            cause: .lost,
            oomKilled: false,
            startedAtNanoseconds: startedAtNanoseconds,
            finishedAtNanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
        )
    }
}
