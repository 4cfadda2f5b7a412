import Linux

/// Entries at the end of a log that could not be written, and of which the log says nothing.
package struct LogLoss: Hashable, Sendable, CustomStringConvertible {
    package var entries: UInt64
    package var bytes: UInt64
    /// Why the last of them could not be written.
    package var errno: Int32

    package var description: String {
        let reason = SyscallError(call: "write", subject: "", errno: errno).reason
        return entries == 1
            ? "the last entry of its log (\(bytes) bytes) is missing: \(reason)"
            : "the last \(entries) entries of its log (\(bytes) bytes) are missing: \(reason)"
    }
}
