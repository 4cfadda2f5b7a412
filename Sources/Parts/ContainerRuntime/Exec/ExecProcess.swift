import CLinux
import Glibc
package import Linux

/// The streams of a process in a running container: descriptors, where nil is `/dev/null`, or a
/// terminal of the container's own.
package struct ExecStdio: Sendable {
    package var input: SharedFD?
    package var output: SharedFD?
    package var error: SharedFD?
    /// The process stays when the process that asked for it ends.
    package var outlivesCaller = false
    /// A new terminal instead of descriptors.
    package var terminal: Terminal?

    /// A terminal, of a size at first unless nobody knows one.
    package struct Terminal: Sendable {
        /// nil: nobody looks at it yet.
        package var size: TerminalSize?
    }

    package init(input: SharedFD? = nil, output: SharedFD? = nil, error: SharedFD? = nil) {
        self.input = input
        self.output = output
        self.error = error
    }

    /// A new terminal of the container's own; `ExecProcess.terminal` is the way to it.
    package static func terminal(size: TerminalSize?) -> ExecStdio {
        var stdio = ExecStdio()
        stdio.terminal = Terminal(size: size)
        return stdio
    }
}

/// A process that `ContainerRuntime.exec` started and that executes its program. It is killed with
/// everything it started when the process that asked for it ends.
package final class ExecProcess: Sendable {
    /// Its pid on the host, for printing.
    package let pid: Int32
    /// What could not be done as asked, in words.
    package let warnings: [String]
    /// Its terminal, where it has one. Nobody else can attach to it.
    package let terminal: AttachConnection?
    private let keeper: KeeperProcess
    /// nil when it ended at once.
    private let process: ProcessFD?
    private let words: StageWords

    /// Waits until the program was executed; the error of one that cannot be names the stage.
    init(_ launched: LaunchedProcess) async throws {
        keeper = launched.keeper
        words = launched.words
        terminal = launched.client.map { AttachConnection(attached: $0, .terminal(input: .open)) }
        var warnings = launched.warnings
        var pid: Int32 = 0
        var process: ProcessFD?
        var hasStarted = false
        while !hasStarted, let event = try await launched.keeper.nextEvent() {
            switch KeeperEventKind(rawValue: event.kind) {
            case .created:
                pid = Int32(truncatingIfNeeded: event.value)
                // `try?`: one that cannot be opened has ended, and the keeper says how.
                process = try? ChildProcess.open(pid, of: launched.keeper.process)
            case .warning: warnings.append(launched.words.warning(event))
            case .failed: throw launched.words.failure(event)
            case .started: hasStarted = true
            case .executing, .exited, nil: break
            }
        }
        guard hasStarted else {
            throw RuntimeError(
                container: words.container,
                message: "its keeper was killed while it started"
            )
        }
        self.pid = pid
        self.process = process
        self.warnings = warnings
    }

    /// Its exit code; 128 + the signal when it was killed. Awaited once, by one task.
    package func wait() async throws -> Int32 {
        while let event = try await keeper.nextEvent() {
            if event.kind == KeeperEventKind.exited.rawValue {
                return Int32(truncatingIfNeeded: event.value)
            }
        }
        killOrphan()
        throw RuntimeError(
            container: words.container,
            message: "the keeper of \(words.program) was killed; how it ended is not known"
        )
    }

    /// Sends it a signal. False: it has ended, as `wait` says, or its keeper was killed.
    package func signal(_ number: Int32) async throws -> Bool {
        try await keeper.send(.signal(number))
    }

    /// From now on the process stays when the process that asked for it ends, and what it writes
    /// to its terminal is lost. False: it has ended.
    package func detach() async throws -> Bool {
        let isHeard = try await keeper.send(.detach)
        terminal?.close()
        return isHeard
    }

    /// Kills it and all that it started.
    package func kill() async {
        // Its keeper does not wait for somebody who reads no more.
        terminal?.close()
        // `try?`: where this does not arrive the process is killed by ourselves.
        if (try? await keeper.send(.kill)) != true { killOrphan() }
        // `try?`: only cancellation, and then nobody waits.
        try? await keeper.process.waitForExit()
    }

    /// The kernel kills it with its keeper, but not where its program changed the user.
    private func killOrphan() {
        // `try?`: what cannot be signalled is gone.
        _ = try? process?.signal(SIGKILL)
    }
}
