import ArgumentParser
import Compose
import ContainerRuntime
import DockerViews

/// A command's end with words and an exit code.
struct Failure: Error, CustomStringConvertible {
    var lines: [String]
    var exitCode: Int32 = 1
    /// Whether docker would say that its engine, and not its command line, refused.
    var refusedByEngine = false
    /// Whether the command line was written wrongly: docker shows how it is written right, too.
    var isUsageError = false

    init(_ message: String, exitCode: Int32 = 1) {
        lines = [message]
        self.exitCode = exitCode
    }

    /// What is wrong with a flag or its value, in docker's words and with its exit code.
    init(usage message: String) {
        lines = [message]
        exitCode = 125
        isUsageError = true
    }

    /// What docker's engine would have refused, in its words.
    init(engine message: String) {
        lines = [message]
        refusedByEngine = true
    }

    /// Ends with a code and no word: what failed has already been told.
    init(silent exitCode: Int32) {
        lines = []
        self.exitCode = exitCode
    }

    /// What cannot be shown or chosen as asked.
    private init(_ error: DockerViewsError) {
        switch error.kind {
        case .usage: self.init(usage: error.description)
        case .refused: self.init(engine: error.description)
        case .template: self.init(error.description)
        }
    }

    /// Any error of ours; nil for the argument parser's, which knows its own words.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let files as ComposeError:
            lines =
                files.warnings.map { "warning: " + $0.rendered() }
                + files.problems.map { $0.rendered() } + [files.omission].compactMap(\.self)
        case let views as DockerViewsError: self = Failure(views)
        case let copy as CopyError:
            lines = [copy.description]
            refusedByEngine = copy.isOfEngine
        case let code as ExitCode:
            lines = []
            exitCode = code.rawValue
        case is CleanExit, is ValidationError: return nil
        case let error where String(reflecting: type(of: error)).hasPrefix("ArgumentParser."):
            return nil
        default:
            lines = ["\(error)"]
            refusedByEngine = true
        }
    }

    /// Writes it to stderr, with docker's preface where docker's command line was used.
    func tell() {
        for (index, line) in lines.enumerated() {
            let preface = index == 0 && refusedByEngine && Invocation.calledAsDocker
            // Names come from files, images and arguments.
            let shown = TerminalEscaping.lines(line)
            Terminal.line(preface ? "Error response from daemon: \(shown)" : shown, to: .error)
        }
    }

    var description: String { lines.joined(separator: "\n") }
}
