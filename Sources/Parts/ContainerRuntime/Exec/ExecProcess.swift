import CLinux
import Glibc
package import Linux

/// Descriptors of a process in a running container; nil is `/dev/null`.
package struct ExecStdio: Sendable {
    package var input: SharedFD?
    package var output: SharedFD?
    package var error: SharedFD?
    /// The process stays when the process that asked for it ends.
    package var outlivesCaller = false

    package init(input: SharedFD? = nil, output: SharedFD? = nil, error: SharedFD? = nil) {
        self.input = input
        self.output = output
        self.error = error
    }
}

/// A process that `ContainerRuntime.exec` started and that executes its program. It is killed with
/// everything it started when the process that asked for it ends.
package final class ExecProcess: Sendable {
    /// Its pid on the host, for printing.
    package let pid: Int32
    /// What could not be done as asked, in words.
    package let warnings: [String]
    private let keeper: KeeperProcess
    /// nil when it ended at once.
    private let process: ProcessFD?
    private let words: StageWords

    /// Waits until the program was executed; the error of one that cannot be names the stage.
    init(_ launched: LaunchedProcess) async throws {
        keeper = launched.keeper
        words = launched.words
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
        guard let number = UInt8(exactly: number), number < 65 else { return false }
        return try await keeper.say(number)
    }

    /// Kills it and all that it started.
    package func kill() async {
        // `try?`: where the word does not arrive the process is killed by ourselves.
        if (try? await keeper.say(255)) != true { killOrphan() }
        // `try?`: only cancellation, and then nobody waits.
        try? await keeper.process.waitForExit()
    }

    /// The kernel kills it with its keeper, but not where its program changed the user.
    private func killOrphan() {
        // `try?`: what cannot be signalled is gone.
        _ = try? process?.signal(SIGKILL)
    }
}
