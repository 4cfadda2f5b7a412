/// Everything that is wrong with the files of a project, in reading order.
package struct ComposeError: Error, Hashable, Sendable {
    package var problems: [Problem]

    package init(problems: [Problem]) { self.problems = problems }
}

/// One thing wrong, or worth a warning, at one place.
package struct Problem: Hashable, Sendable {
    package var position: Position
    /// `services.web.ports[0]`; empty for the file as a whole.
    package var path: String
    package var message: String
    /// What to do, or the nearest right spelling.
    package var hint: String?

    package init(position: Position, path: String, message: String, hint: String? = nil) {
        self.position = position
        self.path = path
        self.message = message
        self.hint = hint
    }
}

/// A place in a file; line and column count from 1, column in characters.
package struct Position: Hashable, Sendable, Comparable {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package static func < (left: Position, right: Position) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}
