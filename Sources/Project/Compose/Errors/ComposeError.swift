/// Everything that is wrong with the files of a project, in reading order.
package struct ComposeError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [Problem]

    package init(problems: [Problem]) { self.problems = problems }

    /// One line per problem; see `Problem.rendered(color:)` for the form with the offending line.
    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// One thing wrong, or worth a warning, at one place.
package struct Problem: Hashable, Sendable, CustomStringConvertible {
    package var position: Position
    /// `services.web.ports[0]`; empty for the file as a whole.
    package var path: String
    package var message: String
    /// What to do, or the nearest right spelling.
    package var hint: String?
    /// The offending line as written, without its end.
    package var sourceLine: String?

    package init(position: Position, path: String, message: String, hint: String? = nil) {
        self.position = position
        self.path = path
        self.message = message
        self.hint = hint
    }

    /// `compose.yaml:14:7: services.web: unknown key "prots"; did you mean "ports"?`
    package var description: String {
        var text = position.description
        if !text.isEmpty { text += ": " }
        if !path.isEmpty { text += path + ": " }
        text += message
        if let hint { text += "; " + hint }
        return text
    }
}

/// A place in a file; line and column count from 1, column in characters.
/// Line 0 is the file as a whole, an empty file is the project as a whole.
package struct Position: Hashable, Sendable, Comparable, CustomStringConvertible {
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

    package var description: String {
        line == 0 ? file : "\(file):\(line):\(column)"
    }
}
