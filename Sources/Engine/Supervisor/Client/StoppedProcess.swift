import Linux

/// Whether a process that everybody waits for has been stopped by a signal, and what to do then.
enum StoppedProcess {
    /// nil for one that is not stopped, or is gone.
    static func words(_ process: Int32, _ role: String) -> String? {
        // `try?`: one that is gone is not stopped.
        switch try? ProcessStat(of: process).state() {
        case "T": "\(role) is stopped by a signal; `kill -CONT \(process)` lets it go on"
        case "t": "\(role) is stopped by a debugger (process \(process))"
        default: nil
        }
    }
}
