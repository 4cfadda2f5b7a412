import Linux
import SystemPackage

/// Whether a process that everybody waits for has been stopped by a signal, and what to do then.
enum StoppedProcess {
    /// nil for one that is not stopped, or is gone.
    static func words(_ process: Int32, _ role: String) -> String? {
        guard let state = state(of: process) else { return nil }
        switch state {
        case "T": return "\(role) is stopped by a signal; `kill -CONT \(process)` lets it go on"
        case "t": return "\(role) is stopped by a debugger (process \(process))"
        default: return nil
        }
    }

    /// The third field of `/proc/<pid>/stat`: proc_pid_stat(5).
    private static func state(of process: Int32) -> Character? {
        // `try?`: one that is gone is not stopped.
        guard let bytes = try? readFile(FilePath("/proc/\(process)/stat"), limit: 64 << 10),
            let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count
        else { return nil }
        return Character(UnicodeScalar(bytes[end + 2]))
    }
}
