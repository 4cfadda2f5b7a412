import Compose

/// A project whose first compose file is of a registry or repository: what is told and asked before it runs here.
struct RemoteStack {
    /// As it was named.
    private let name: String
    private let options: ProjectOptions

    /// nil where the project's files are this machine's.
    init?(_ options: ProjectOptions, environment: [String: String] = Machine.environment()) {
        let separator = environment["COMPOSE_PATH_SEPARATOR"].flatMap { $0.isEmpty ? nil : $0 }
        let listed = environment["COMPOSE_FILE"]?.split(separator: separator ?? ":").first
        // Its own sign is in the name of one.
        let first = options.files.first ?? listed.map(String.init)
        guard let first, LocalFiles.artifacts[first] != nil else { return nil }
        name = first
        self.options = options
    }

    /// Says where the files are, and asks whether its variables are meant to be as they are: who wrote
    /// them knows nothing of this machine's. `yes` is `-y`.
    /// - Throws: when the answer is no, or nobody can give one.
    func confirm(_ loaded: LoadedProject, yes: Bool) throws {
        Terminal.line(
            "Your compose stack \"\(name)\" is stored in \"\(loaded.project.directory)\"",
            to: .error
        )
        guard !yes else { return }
        let variables = try ComposeLoader(files: LocalFiles())
            .variables(options.loadOptions(.config))
        guard !variables.isEmpty else { return }
        var rows = [["VARIABLE", "VALUE", "SOURCE", "REQUIRED", "DEFAULT"]]
        for variable in variables {
            let given = loaded.environment[variable.name].flatMap { $0.isEmpty ? nil : $0 }
            rows.append([
                variable.name, given ?? variable.defaultValue,
                given == nil ? "compose file" : "environment", variable.isRequired ? "yes" : "no",
                variable.defaultValue,
            ])
        }
        Terminal.line("\nFound the following variables in configuration:")
        let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count + 3)
            }
            var line = TerminalEscaping.oneLine(cells.joined())
            while line.last == " " { line.removeLast() }
            Terminal.line(line)
        }
        let question = "\nDo you want to proceed with these variables? [Y/n]: "
        Terminal.write(Array(question.utf8), to: .out)
        let answer = readLine(strippingNewline: true)?.lowercased()
        guard let answer, ["", "y", "yes"].contains(answer) else {
            throw Failure("operation cancelled by user")
        }
    }
}
