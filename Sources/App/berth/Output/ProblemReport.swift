import ArgumentParser
import Compose

/// Tells what is wrong with a project, or worth a warning, on standard error: in words with the
/// offending lines, or as one JSON document for editors and CI. docs/config-problems.md is the
/// form of the latter.
struct ProblemReport {
    let isJSON: Bool
    /// Warnings that wait for the document.
    private var warnings: [Problem] = []

    init(isJSON: Bool) { self.isJSON = isJSON }

    /// Tells warnings: now in words, in the document at the end.
    mutating func warn(_ problems: [Problem]) {
        guard !isJSON else { return warnings += problems }
        for problem in problems { Terminal.line("warning: \(problem)", to: .error) }
    }

    /// Ends a command that went well: a document is written where there is a warning.
    func finish() {
        guard isJSON, !warnings.isEmpty else { return }
        Terminal.line(ProblemDocument(warnings: warnings).text, to: .error)
    }

    /// Ends a command that failed; the parser's own errors keep their words.
    func failure(_ error: any Error) -> any Error {
        guard isJSON, let failure = Failure(error), !failure.lines.isEmpty else { return error }
        var document = ProblemDocument(warnings: warnings)
        if let files = error as? ComposeError {
            document.add(files.warnings, as: .warning)
            document.add(files.problems, as: .error)
        } else {
            for line in failure.lines { document.add(message: line) }
        }
        return Failure(document.text, exitCode: failure.exitCode)
    }
}
