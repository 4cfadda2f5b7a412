package import ContainerRuntime

/// Who starts and stops containers for a walk: the project's supervisor, through its client.
///
/// The command line makes `SupervisorClient` conform; this storey does not know it.
package protocol ContainerControl: Sendable {
    /// Returns once the program of the container runs.
    func start(_ id: ContainerID) async throws
    /// Returns once nothing of the container runs; nil grace is the container's own.
    func stop(_ id: ContainerID, grace: Duration?) async throws
    func restart(_ id: ContainerID, grace: Duration?) async throws
    /// Nothing more is asked for now. A supervisor without work has ended when this returns.
    func finish() async throws
    /// Returns as soon as the outcome is decided.
    func wait(for id: ContainerID, until condition: Condition) async throws -> WaitOutcome
}

/// How a wait ended.
package enum WaitOutcome: Hashable, Sendable {
    case met
    /// With what its check answered last.
    case unhealthy(FailedCheck?)
    /// It ended, and nothing will start it again.
    case exited(code: Int32)
    /// It ends again and again, so many times by now, and is started again by its restart policy.
    case exitedAgain(code: Int32, times: Int)
    /// `healthy` was asked of a container without a health check.
    case noHealthcheck
}

/// A failure of a health check.
package struct FailedCheck: Hashable, Sendable {
    /// That of the check's program; -1 for one that took too long or could not be started.
    package var exitCode: Int32
    /// As the program wrote it.
    package var output: String

    package init(exitCode: Int32, output: String) {
        self.exitCode = exitCode
        self.output = output
    }
}
