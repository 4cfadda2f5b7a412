import OrderedCollections

/// What a load that sets problems aside found wrong and went on without.
package struct SetAside: Sendable, Equatable {
    /// In reading order.
    package var problems: [Problem] = []
    /// The networks whose declaration is wrong: nobody knows which one is meant, or whose it is.
    package var networks = Keys.some([])
    /// The same of volumes.
    package var volumes = Keys.some([])

    /// Keys of one section of the file.
    package enum Keys: Equatable, Sendable {
        case some(Set<String>)
        /// The section itself is wrong, or may have been meant by a key that nothing knows.
        case all

        /// Whether `key` is set aside.
        package func contains(_ key: String) -> Bool {
            switch self {
            case .some(let keys): keys.contains(key)
            case .all: true
            }
        }
    }

    package init() {}
}

/// Going on with files that are wrong where it does not matter to who only looks for what runs.
extension LoadSession {
    /// Whether nothing was wrong so far; of a load that sets problems aside, whether what is wrong
    /// leaves no doubt which project is meant and which services it has.
    func isUsable(_ root: Node) -> Bool {
        guard options.strictness == .setsProblemsAside else { return diagnostics.problems.isEmpty }
        return diagnostics.count == 0
            || diagnostics.omitted == 0 && root["services"]?.map?.isEmpty == false
                && diagnostics.problems.allSatisfy(canBeSetAside)
    }

    /// The problems that did not end the load, and what they make unknown.
    func setAside(from root: Node) -> SetAside {
        var result = SetAside()
        guard options.strictness == .setsProblemsAside else { return result }
        result.problems = told(diagnostics.problems)
        result.networks = keysOfProblems(in: "networks", of: root)
        result.volumes = keysOfProblems(in: "volumes", of: root)
        return result
    }

    /// Whether the project's name and its services are known in spite of the problem.
    private func canBeSetAside(_ problem: Problem) -> Bool {
        guard problem.kind != .syntax else { return false }
        return switch problem.path.prefix(while: { $0 != "." && $0 != "[" }) {
        // A key of the top level that nothing knows may be "name", misspelt.
        case "": problem.kind == .form && nameSource != .folder
        case "name": nameSource == .caller
        case "services": problem.path != "services"
        case "include": false
        default: true
        }
    }

    private func keysOfProblems(in section: String, of root: Node) -> SetAside.Keys {
        if diagnostics.problems.contains(where: { $0.path == section || $0.path.isEmpty }) {
            return .all
        }
        let keys = root[section]?.map?.keys.elements ?? []
        return .some(Set(keys.filter { diagnostics.hasProblem(under: "\(section).\($0)") }))
    }
}
