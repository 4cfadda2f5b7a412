/// Which files make the project, where it is, and what it is called. compose-spec "Compose file".
extension LoadSession {
    /// The config files: `-f`, else `COMPOSE_FILE`, else what is found here or above.
    mutating func configFiles(_ environment: [String: String]) -> [String] {
        if !options.files.isEmpty { return local(options.files) }
        if let list = environment["COMPOSE_FILE"], !list.isEmpty {
            let named = environment["COMPOSE_PATH_SEPARATOR"] ?? ""
            return local(list.split(separator: named.isEmpty ? ":" : named).map(String.init))
        }
        return discovered()
    }

    /// The files of this machine, absolute; others are reported.
    private mutating func local(_ files: [String]) -> [String] {
        isRemote = files.first.map(PathBase.isRemoteFile) ?? false
        return files.compactMap { file in
            if file == "-" { return file }
            return PathBase.isRemoteFile(file)
                ? localFile(of: file, at: .commandLine) : absolute(file)
        }
    }

    private mutating func discovered() -> [String] {
        var folder = absolute(options.projectDirectory ?? ".")
        while true {
            let found = present(ComposeFileNames.usual, in: folder)
            if let first = found.first {
                let overrides = present(ComposeFileNames.overrides, in: folder)
                warn(found)
                warn(overrides)
                return [first] + overrides.prefix(1)
            }
            guard folder != "/" else { break }
            folder = PathBase.parent(folder)
        }
        diagnostics.problem(
            "no configuration file provided: not found",
            at: .commandLine,
            hint: "make a compose.yaml here, or name one with -f"
        )
        return []
    }

    /// A folder of such a name counts, too: reading it says what is wrong, where going on upwards
    /// would take another project for this one.
    private func present(_ names: [String], in folder: String) -> [String] {
        names.map { folder == "/" ? "/" + $0 : "\(folder)/\($0)" }
            .filter { files.kind(of: $0) != nil }
    }

    private mutating func warn(_ found: [String]) {
        guard found.count > 1 else { return }
        diagnostics.warning(
            "Found multiple config files with supported names: \(found.joined(separator: ", ")); "
                + "using \(found[0])",
            at: .commandLine
        )
    }

    /// What relative paths are meant against.
    func directory(of configFiles: [String]) -> String {
        if let directory = options.projectDirectory { return absolute(directory) }
        if let first = configFiles.first(where: { $0 != "-" }) { return PathBase.parent(first) }
        return absolute(".")
    }

    /// The project's name: `-p`, `COMPOSE_PROJECT_NAME`, `name:` of the last file that has one,
    /// the folder's name.
    mutating func projectName(
        _ configFiles: [String],
        _ directory: String,
        _ environment: [String: String]
    ) -> String {
        let asked = [options.projectName, environment["COMPOSE_PROJECT_NAME"]].compactMap(\.self)
        if let name = asked.first(where: { !$0.isEmpty }) {
            nameSource = .caller
            if let problem = ProjectName.problem(with: name) {
                diagnostics.problem(problem.message, at: .commandLine, hint: problem.hint)
            }
            return name
        }
        var name: String?
        for path in configFiles {
            for document in parse(path, askedAt: .commandLine)?.documents ?? [] {
                guard let node = document["name"], let text = node.string else { continue }
                nameSource = .file
                let template = VariableTemplate(lookup: { environment[$0] }, unset: { _ in })
                // A template that fails is reported where the whole document is interpolated.
                name = options.runs(.interpolate) ? (try? template.evaluate(text)) ?? "" : text
            }
        }
        var folder = directory
        if isRemote, name == nil {
            // Nobody chose the name of the folder that it is kept in.
            folder = absolute(options.projectDirectory ?? ".")
            nameSource = .artifact
        }
        let chosen = ProjectName.normalised(name ?? PathBase.name(folder))
        if chosen.isEmpty, diagnostics.problems.isEmpty {
            diagnostics.problem(
                "project name must not be empty",
                at: .commandLine,
                hint: "give one with -p, or \"name:\" in the file"
            )
        }
        return chosen
    }
}
