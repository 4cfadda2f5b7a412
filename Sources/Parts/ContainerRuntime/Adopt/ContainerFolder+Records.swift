import CLinux
import Glibc
package import Linux
import SystemPackage

extension ContainerFolder {
    /// What the keeper wrote of the run that is going on, or whose keeper was killed.
    func readState() throws(SyscallError) -> keeper_state? {
        // A power cut may leave it empty.
        guard let bytes = try read(state), bytes.count == MemoryLayout<keeper_state>.size else {
            return nil
        }
        let record = bytes.withUnsafeBytes { $0.loadUnaligned(as: keeper_state.self) }
        return record.magic == keeper_state_magic ? record : nil
    }

    /// What the keeper wrote of the run that ended.
    func readExit() throws(SyscallError) -> ExitRecord? {
        guard let record = try readWithLoss()?.exit else { return nil }
        return ExitRecord(
            cause: record.signal == 0
                ? .exited(code: record.code) : .signalled(record.signal),
            oomKilled: record.oom_killed != 0,
            startedAtNanoseconds: record.started_at,
            finishedAtNanoseconds: record.finished_at
        )
    }

    /// What the log of the run that ended lacks without saying so; nil where nothing is.
    package func readLogLoss() throws(SyscallError) -> LogLoss? {
        guard let record = try readWithLoss()?.loss, record.entries > 0 else { return nil }
        return LogLoss(entries: record.entries, bytes: record.bytes, errno: record.error)
    }

    private func readWithLoss() throws(SyscallError) -> (exit: keeper_exit, loss: keeper_loss?)? {
        let size = MemoryLayout<keeper_exit>.size
        guard let bytes = try read(exit),
            bytes.count == size || bytes.count == size + MemoryLayout<keeper_loss>.size
        else { return nil }
        return bytes.withUnsafeBytes {
            let record = $0.loadUnaligned(as: keeper_exit.self)
            guard record.magic == keeper_exit_magic else { return nil }
            let loss =
                $0.count > size ? $0.loadUnaligned(fromByteOffset: size, as: keeper_loss.self) : nil
            return (record, loss)
        }
    }

    /// nil for a file that is not there.
    private func read(_ path: FilePath) throws(SyscallError) -> [UInt8]? {
        do throws(SyscallError) {
            return try readFile(path, limit: 4096)
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
