import OrderedCollections

/// compose-spec "Include": each entry is a load of its own, whose resources are then imported.
extension LoadSession {
    /// The document with everything it includes merged beneath it.
    mutating func included(
        _ include: Node,
        path: String,
        _ source: ModelSource,
        into document: Node
    ) -> Node {
        guard let entries = include.list else {
            diagnostics.problem(
                "`include` must be a list",
                at: include.mark,
                hint: "write \"- \" before each file",
                path: "include"
            )
            return document
        }
        var imported: Node?
        diagnostics.enter("include")
        for (index, entry) in entries.enumerated() {
            if diagnostics.isOver || diagnostics.budget.includes < 0 { break }
            diagnostics.enter(index)
            defer { diagnostics.leave() }
            guard var model = model(of: entry, path: path, source) else { continue }
            model.set("name", nil)
            guard var known = imported.take() else {
                imported = model
                continue
            }
            Merge.merge(model, into: &known, as: .fields(.project))
            imported = known
        }
        diagnostics.leave()
        return imported.map { Merge.merged($0, document, as: .fields(.project)) } ?? document
    }

    private mutating func model(
        of entry: Node,
        path: String,
        _ source: ModelSource
    ) -> Node? {
        let before = diagnostics.count
        let canonicaliser = Canonicaliser(base: pathBase(""), isLenient: false)
        let long =
            entry.string == nil
            ? canonicaliser.mapping(entry, .include, &diagnostics)
            : entry.with(.map(["path": entry.with(.list([entry]))]))
        guard diagnostics.count == before else { return nil }
        guard let paths = long["path"]?.list, let first = paths.first, first.string != "" else {
            diagnostics.problem("\"path\" is missing", at: entry.mark, hint: "the file to include")
            return nil
        }
        let base = pathBase(source.directory)
        var resolved: [String] = []
        for item in paths {
            let text = item.string ?? ""
            if PathBase.isRemoteFile(text) {
                guard let place = localFile(of: text, at: item.mark) else { return nil }
                resolved.append(place)
            } else {
                resolved.append(base.resolve(text))
            }
        }
        let chain = source.includedFrom + [path]
        guard isRoomForInclude(chain, at: first.mark) else { return nil }
        for file in resolved where chain.contains(file) {
            let cycle = (chain + [file]).map(displayName).joined(separator: " -> ")
            diagnostics.problem("include cycle detected: \(cycle)", at: first.mark)
            return nil
        }
        let directory =
            long["project_directory"]?.string.map(base.resolve) ?? PathBase.parent(resolved[0])
        var inner = ModelSource(
            files: resolved,
            directory: directory,
            pathDirectory: pathDirectory(directory),
            environment: source.environment,
            includedFrom: chain,
            includePlaces: source.includePlaces + [first.mark],
            place: first.mark,
            placePath: diagnostics.pathText
        )
        let scope = diagnostics.provenance?.scope
        addEnvironment(of: long, directory, base, to: &inner)
        diagnostics.provenance?.adopt()
        defer { if let scope { diagnostics.provenance?.restore(scope) } }
        return nested { $0.model(inner) }
    }

    /// Whether one more include is within the bounds; reported where not, the first time.
    private mutating func isRoomForInclude(_ chain: [String], at place: Mark) -> Bool {
        guard chain.count <= limits.chain else {
            diagnostics.problem("more than \(limits.chain) files include each other", at: place)
            return false
        }
        diagnostics.budget.includes -= 1
        if diagnostics.budget.includes == -1 {
            diagnostics.problem(
                "more than \(limits.includes) includes",
                at: place,
                hint: "files that include the same files double them with every level"
            )
        }
        return diagnostics.budget.includes >= 0
    }

    /// What paths of a file in this directory are made absolute with; `--no-path-resolution`
    /// keeps them relative to the project's directory.
    func pathDirectory(_ directory: String) -> String {
        guard options.paths == .asWritten else { return directory }
        let prefix = projectDirectory + "/"
        return directory.hasPrefix(prefix) ? String(directory.dropFirst(prefix.count)) : directory
    }

    /// Runs a part of the load whose messages have paths of their own.
    mutating func nested<Result>(_ body: (inout LoadSession) -> Result) -> Result {
        let outer = diagnostics.takePath()
        defer { diagnostics.restorePath(outer) }
        return body(&self)
    }

    /// `env_file` of the entry, `.env` of its directory where it has none. What is known wins.
    private mutating func addEnvironment(
        of entry: Node,
        _ directory: String,
        _ base: PathBase,
        to source: inout ModelSource
    ) {
        var added: [String: String] = [:]
        if let named = entry["env_file"]?.list {
            for file in named {
                let path = base.resolve(file.string ?? "")
                guard path != "/dev/null", !path.isEmpty else { continue }
                readEnvFile(path, askedAt: file.mark, known: source.environment, into: &added)
            }
        } else if files.kind(of: directory + "/.env") == .file {
            readEnvFile(
                directory + "/.env",
                askedAt: entry.mark,
                known: source.environment,
                into: &added
            )
        }
        guard !added.isEmpty else { return }
        spendCopy(of: source.environment)
        source.environment.merge(added) { known, _ in known }
    }
}
