import TextForms

/// Everything that is wrong with a Dockerfile, in reading order.
package struct DockerfileError: Error, Equatable, CustomStringConvertible {
    /// One thing that is wrong.
    package struct Problem: Hashable, Sendable {
        /// Counted from 1; 0 where the file as a whole is meant.
        package var line: Int
        package var message: String

        package init(line: Int, message: String) {
            self.line = line
            self.message = VisibleText.shortened(message)
        }
    }

    /// The file's name as the user knows it.
    package var file: String
    package var problems: [Problem]
    /// The lines of the file, to show those that have problems; empty where they are not known.
    package var lines: [Substring] = []

    package init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    package var description: String {
        problems.map {
            $0.line > 0
                ? "\(file):\($0.line): \($0.message)\(excerpt($0.line))" : "\(file): \($0.message)"
        }
        .joined(separator: "\n")
    }

    /// The error with the lines of the file that has it.
    func showing(_ text: String) -> DockerfileError {
        var error = self
        error.lines = LineReader.physicalLines(of: text)
        return error
    }

    /// The line with a caret beneath its first word, as errors of compose files have it; nothing in
    /// it moves a cursor, since the file may come from anywhere.
    private func excerpt(_ line: Int) -> String {
        guard lines.indices.contains(line - 1) else { return "" }
        var shown = VisibleText.sameColumns(String(lines[line - 1]))
        if shown.count > 160 { shown = shown.prefix(160) + "…" }
        let number = String(line)
        let margin = String(repeating: " ", count: max(0, 5 - number.count))
        let blank = margin + String(repeating: " ", count: number.count)
        let indent = String(shown.prefix { $0 == " " || $0 == "\t" })
        return "\n\(margin)\(number) | \(shown)\n\(blank) | \(indent)^"
    }
}

/// A problem on its way to the line that has it.
struct InstructionError: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }
}
