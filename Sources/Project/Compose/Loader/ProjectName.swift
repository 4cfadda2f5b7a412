/// What a project may be called, wherever the name comes from.
package enum ProjectName {
    /// - Throws: for a name that a person gave and that no project can have.
    package static func check(_ name: String) throws(ComposeError) {
        guard let problem = problem(with: name) else { return }
        throw ComposeError(problems: [problem])
    }

    /// nil for a name that is right.
    static func problem(with name: String) -> Problem? {
        let normalised = normalised(name)
        guard normalised != name || name.isEmpty else { return nil }
        return Problem(
            position: Position(file: "", line: 0, column: 0),
            path: "",
            message: "invalid project name \"\(name)\": must consist only of lowercase "
                + "alphanumeric characters, hyphens, and underscores as well as start "
                + "with a letter or number",
            hint: normalised.isEmpty ? nil : "for example \"\(normalised)\""
        )
    }

    /// Lower case, without what a name cannot have.
    static func normalised(_ text: String) -> String {
        let kept = text.lowercased().filter {
            ("a"..."z").contains($0) || ("0"..."9").contains($0) || $0 == "_" || $0 == "-"
        }
        return String(kept.drop { $0 == "_" || $0 == "-" })
    }
}
