/// How one run of a container ended.
package struct ExitRecord: Hashable, Sendable {
    /// How a container ended (wait(2)).
    package enum Cause: Hashable, Sendable {
        case exited(code: Int32)
        case signalled(Int32)
        /// The keeper was killed, and nobody saw the end. The container is gone.
        case lost
    }

    package var cause: Cause
    /// The kernel killed something of this container for want of memory.
    package var oomKilled: Bool
    /// Nanoseconds since 1970.
    package var startedAtNanoseconds: Int64
    /// Nanoseconds since 1970.
    package var finishedAtNanoseconds: Int64

    package init(
        cause: Cause,
        oomKilled: Bool,
        startedAtNanoseconds: Int64,
        finishedAtNanoseconds: Int64
    ) {
        self.cause = cause
        self.oomKilled = oomKilled
        self.startedAtNanoseconds = startedAtNanoseconds
        self.finishedAtNanoseconds = finishedAtNanoseconds
    }

    /// Docker's exit code: 128 + the signal for a killed one; 137 when nobody knows.
    package var code: Int32 {
        switch cause {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        case .lost: 137
        }
    }
}
