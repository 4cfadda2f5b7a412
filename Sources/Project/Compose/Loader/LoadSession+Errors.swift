import OrderedCollections

/// How a load ends that found something.
extension LoadSession {
    /// Ends the load when anything is wrong.
    func throwIfAny() throws(ComposeError) {
        guard diagnostics.problems.isEmpty else { throw error() }
    }

    /// Everything found so far; a strict load tells warnings among the problems.
    func error() -> ComposeError {
        var error =
            options.strictness == .warnings
            ? ComposeError(
                problems: told(diagnostics.problems + diagnostics.warnings),
                omitted: diagnostics.omitted,
                isCut: diagnostics.isOver
            )
            : ComposeError(
                problems: told(diagnostics.problems),
                warnings: told(diagnostics.warnings),
                omitted: diagnostics.omitted,
                isCut: diagnostics.isOver
            )
        error.missingArtifacts = missingArtifacts
        return error
    }

    /// The file of this machine that a compose file of somewhere else was put into; nil where it is
    /// not here, which is reported.
    mutating func localFile(
        of remote: String,
        at mark: Mark,
        path: String? = nil
    ) -> String? {
        guard remote.hasPrefix("oci:") || PathBase.isRepository(remote) else {
            diagnostics.problem(
                "a compose file is not taken from there: \(remote)",
                at: mark,
                hint: "a file of this machine, an artifact of a registry (oci://…), or a "
                    + "repository of git (https://….git#ref:folder)",
                path: path
            )
            return nil
        }
        if let place = files.place(ofArtifact: remote) { return place }
        missingArtifacts.append(remote)
        diagnostics.problem("it was not fetched: \(remote)", at: mark, path: path)
        return nil
    }

    /// In reading order, each with the other files that have a value at its place.
    func told(_ problems: [Problem]) -> [Problem] {
        diagnostics.inReadingOrder(problems).map { problem in
            guard mainFiles.count > 1, problem.position.line > 0 else { return problem }
            var problem = problem
            problem.route += overrides(problem)
            return problem
        }
    }

    /// Where later files replace the value, or which earlier one it replaces.
    private func overrides(_ problem: Problem) -> [Problem.Waypoint] {
        let names = mainFiles.map(displayName)
        guard let own = names.firstIndex(of: problem.position.file) else { return [] }
        var found: [Problem.Waypoint] = []
        for (index, path) in mainFiles.enumerated() where index != own {
            for document in parsed[path]?.documents ?? [] {
                guard let node = Self.value(at: problem.path[...], in: document, depth: 0) else {
                    continue
                }
                let kind: Problem.Waypoint.Kind = index > own ? .overridden : .overriding
                found.append(.init(kind, diagnostics.sources.position(node.mark)))
            }
        }
        return found
    }

    /// The scalar, or what replaces everything, at a path of an attribute; nil where the path is
    /// not there or leads to what is merged.
    private static func value(at path: Substring, in node: Node, depth: Int) -> Node? {
        if node.tag != .none, depth > 1 { return node }
        guard !path.isEmpty, path.first != "[" else {
            return depth > 2 && node.list == nil && node.map == nil && !node.isNull ? node : nil
        }
        guard case .map(let entries) = node.value else { return nil }
        // A key may have dots in it.
        for start in path.startsOfPath {
            guard let entry = entries[String(start)] else { continue }
            let rest = path[start.endIndex...]
            let inner = rest.first == "." ? rest.dropFirst() : rest
            if let found = value(at: inner, in: entry, depth: depth + 1) { return found }
        }
        return nil
    }
}
