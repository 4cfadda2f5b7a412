package import Compose

/// Everything that is wrong with bake files, in reading order.
package struct BakeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// In reading order, at least one.
    package var problems: [Problem]

    /// Takes at least one problem.
    package init(_ problems: [Problem]) { self.problems = problems }

    /// A problem that has no place in a file: a target of the command line that is not there.
    package init(_ message: String, hint: String? = nil) {
        let nowhere = Position(file: "", line: 0, column: 0)
        problems = [Problem(position: nowhere, path: "", message: message, hint: hint)]
    }

    /// Each problem with its line and a caret.
    package var description: String {
        problems.map { $0.rendered() }.joined(separator: "\n")
    }
}
