import Glibc
import Linux
import Synchronization

/// Work that Ctrl-C, SIGTERM or the end of its terminal ends in order: what is under way is cancelled
/// and cleared away, and the command ends with 130. A second signal ends it at once; the next command
/// clears away then.
enum Interruptible {
    /// Runs `body`; it must not be cancelled by others. `progress` says what there was to stop.
    static func run<R: Sendable>(
        _ progress: Progress,
        _ body: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        // What nohup(1) has started goes on without its terminal.
        let hangUp = Signals.isIgnored(SIGHUP) ? [] : [SIGHUP]
        let signals = try Signals.stream([SIGINT, SIGTERM] + hangUp)
        let wishes = Wishes()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            // Cancelled by the first signal; its end is waited for below.
            let work = Task { try await body() }
            group.addTask {
                for await signal in signals {
                    let action = wishes.interruption.withLock { interruption in
                        // The kernel and the shell both send it: nobody asks twice with it.
                        guard signal != SIGHUP || interruption.state == .running else {
                            return Interruption.Action?.none
                        }
                        return interruption.interrupted(at: .now)
                    }
                    switch action {
                    case nil: continue
                    case .stop:
                        announce(progress)
                        work.cancel()
                    case .kill, .leave:
                        Progress.leave()
                        exit(130)
                    }
                }
            }
            defer { group.cancelAll() }
            let result = await work.result
            guard wishes.interruption.withLock(\.state) == .running else {
                progress.finish()
                throw Failure(silent: 130)
            }
            return try result.get()
        }
    }

    /// What a person has asked for so far.
    private final class Wishes: Sendable {
        let interruption = Mutex(Interruption())
    }

    private static func announce(_ progress: Progress) {
        let working = progress.working.map { "\($0.subject) (\($0.text))" }
        Terminal.clearEcho()
        let what = working.isEmpty ? "stopping" : "stopping: \(working.joined(separator: ", "))"
        progress.note("\(what); Ctrl-C again leaves at once")
    }
}
