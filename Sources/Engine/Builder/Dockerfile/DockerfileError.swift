/// Everything that is wrong with a Dockerfile, in reading order.
package struct DockerfileError: Error, Equatable, CustomStringConvertible {
    /// One thing that is wrong.
    package struct Problem: Hashable, Sendable {
        /// Counted from 1; 0 where the file as a whole is meant.
        package var line: Int
        package var message: String

        package init(line: Int, message: String) {
            self.line = line
            self.message = message
        }
    }

    /// The file's name as the user knows it.
    package var file: String
    package var problems: [Problem]

    package init(file: String, problems: [Problem]) {
        self.file = file
        self.problems = problems
    }

    package var description: String {
        problems.map {
            $0.line > 0 ? "\(file):\($0.line): \($0.message)" : "\(file): \($0.message)"
        }
        .joined(separator: "\n")
    }
}

/// A problem on its way to the line that has it.
struct InstructionError: Error, Equatable {
    var message: String

    init(_ message: String) { self.message = message }
}
