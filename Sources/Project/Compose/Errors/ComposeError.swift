/// Everything that is wrong with the files of a project, in reading order.
package struct ComposeError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [Problem]
    /// What was noticed on the way: a warning often says why there is an error. Empty in a strict
    /// load, where they are among the problems.
    package var warnings: [Problem]

    /// How many more problems there are than the ones told.
    package var omitted: Int
    /// There were so many that the load was given up: nobody knows how many more there are.
    package var isCut: Bool
    /// Artifacts of registries (`oci://…`) that the load wants and that were not fetched yet; where
    /// there are any, `problems` says no more than that.
    package var missingArtifacts: [String] = []

    package init(
        problems: [Problem],
        warnings: [Problem] = [],
        omitted: Int = 0,
        isCut: Bool = false
    ) {
        self.problems = problems
        self.warnings = warnings
        self.omitted = omitted
        self.isCut = isCut
    }

    /// `and 4 more problems`; nil when all are told.
    package var omission: String? {
        if isCut { return "and more than \(omitted) more problems: loading stopped there" }
        return omitted == 0 ? nil : "and \(omitted) more problem\(omitted == 1 ? "" : "s")"
    }

    /// One line per problem; see `Problem.rendered()` for the form with the offending line.
    package var description: String {
        (problems.map(\.description) + [omission].compactMap(\.self)).joined(separator: "\n")
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
    /// How the value came into the project, nearest first; empty where it is in the main file.
    package var route: [Waypoint] = []
    package var kind = Kind.file

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
        if !route.isEmpty {
            text += " (" + route.map(\.description).joined(separator: ", ") + ")"
        }
        return text
    }

    /// A place a value passed on its way into the project.
    package struct Waypoint: Hashable, Sendable, CustomStringConvertible {
        /// What happened to the value there.
        package enum Kind: String, Sendable {
            /// The `include` that names the file.
            case included = "included from"
            /// The attribute that names the file, which is none of Compose.
            case named = "named in"
            /// The `extends` that asks for the service.
            case extended = "extended from"
            /// A later file has another value at the same path.
            case overridden = "overridden in"
            /// An earlier file has another value at the same path.
            case overriding = "overrides"
        }

        package var kind: Kind
        package var position: Position

        package init(_ kind: Kind, _ position: Position) {
            self.kind = kind
            self.position = position
        }

        /// `included from compose.yaml:3:5`
        package var description: String { "\(kind.rawValue) \(position)" }
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
