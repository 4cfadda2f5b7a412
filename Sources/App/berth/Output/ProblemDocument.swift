import Compose

/// Problems as one JSON document. docs/config-problems.md says what its members mean; a member is
/// only ever added.
struct ProblemDocument {
    enum Severity: String {
        case error, warning
    }

    private var entries: [String] = []

    init(warnings: [Problem]) { add(warnings, as: .warning) }

    /// The document, an entry a line.
    var text: String {
        guard !entries.isEmpty else { return #"{"version":1,"problems":[]}"# }
        return "{\"version\":1,\"problems\":[\n" + entries.joined(separator: ",\n") + "\n]}"
    }

    /// Adds problems of the files.
    mutating func add(_ problems: [Problem], as severity: Severity) {
        for problem in problems { entries.append(Self.entry(problem, severity)) }
    }

    /// Adds what went wrong outside of the files.
    mutating func add(message: String) {
        entries.append(
            Self.object([
                ("severity", JSONText.string(Severity.error.rawValue)),
                ("kind", JSONText.string("other")), ("message", JSONText.string(message)),
            ])
        )
    }

    private static func entry(_ problem: Problem, _ severity: Severity) -> String {
        var members = [
            ("severity", JSONText.string(severity.rawValue)),
            ("kind", JSONText.string(problem.kind.rawValue)),
            ("message", JSONText.string(problem.message)),
        ]
        if let hint = problem.hint { members.append(("suggestion", JSONText.string(hint))) }
        if !problem.path.isEmpty { members.append(("path", JSONText.string(problem.path))) }
        members += place(problem.position)
        if problem.position.line > 0, let end = problem.endColumn {
            members.append(("endLine", "\(problem.position.line)"))
            members.append(("endColumn", "\(end)"))
        }
        if !problem.route.isEmpty {
            let related = problem.route.map { waypoint in
                object(
                    [("message", JSONText.string(waypoint.kind.rawValue))]
                        + place(waypoint.position)
                )
            }
            members.append(("related", "[" + related.joined(separator: ",") + "]"))
        }
        if let line = problem.sourceLine { members.append(("source", JSONText.string(line))) }
        return object(members)
    }

    /// File, line and column, those that are known.
    static func place(_ position: Position) -> [(String, String)] {
        guard !position.file.isEmpty else { return [] }
        var members = [("file", JSONText.string(position.file))]
        if position.line > 0 {
            members.append(("line", "\(position.line)"))
            members.append(("column", "\(position.column)"))
        }
        return members
    }

    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { "\(JSONText.string($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }
}
