package import Linux

/// Descriptors of a process in a running container; nil is `/dev/null`.
package struct ExecStdio: Sendable {
    package var input: SharedFD?
    package var output: SharedFD?
    package var error: SharedFD?

    package init(input: SharedFD? = nil, output: SharedFD? = nil, error: SharedFD? = nil) {
        self.input = input
        self.output = output
        self.error = error
    }
}

/// A process that `ContainerRuntime.exec` started. It is killed with everything it started when
/// the process that asked for it ends.
package final class ExecProcess: Sendable {
    /// Its pid on the host, for printing.
    package let pid: Int32

    init(pid: Int32) { self.pid = pid }

    /// Its exit code; 128 + the signal when it was killed.
    package func wait() async throws -> Int32 {
        throw RuntimeError(container: "", message: "not built yet")
    }

    /// Sends it a signal.
    package func signal(_ number: Int32) throws {
    }

    /// Kills it and all that it started.
    package func kill() async {
    }
}
