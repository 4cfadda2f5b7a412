import Builder
import ContainerRuntime
import Glibc
import Synchronization

/// `--on-error=shell`: a shell on our terminal in the container of a build step that failed. What else is
/// at work says nothing meanwhile; of several steps that fail the first one is shown.
struct FailureVisit: Sendable {
    let progress: Progress

    static let help =
        "When a step fails on a terminal, open a shell in its container; the build ends with it."

    private static let isTaken = Mutex(false)

    /// Whether the option asks for it.
    /// - Throws: `Failure` for another value, and where there is no terminal.
    static func isAsked(_ option: String?) throws -> Bool {
        guard let option else { return false }
        guard option == "shell" else {
            throw Failure("--on-error \(option): it can be shell")
        }
        guard hasTerminal else {
            throw Failure(
                "--on-error=shell: a shell needs a terminal, and standard input or output is none"
            )
        }
        return true
    }

    /// What to say of a step that failed; nil where it cannot be entered, or was.
    static func hint(for error: BuildError, entered: Bool) -> String? {
        guard !entered, error.exitCode != nil, hasTerminal else { return nil }
        return "add --on-error=shell to look around in this step"
    }

    private static var hasTerminal: Bool {
        isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    }

    /// Joins our terminal with the shell's until that ends.
    @Sendable func enter(_ connection: AttachConnection, _ step: String) async throws {
        let isFirst = Self.isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
        guard isFirst else { return connection.close() }
        progress.note(
            "\(step) failed; this is a shell in its container, and the build ends with it"
        )
        progress.finish()
        progress.hold()
        defer { progress.release() }
        _ = try await AttachSession(connection: connection).run(givesInput: true)
    }
}
