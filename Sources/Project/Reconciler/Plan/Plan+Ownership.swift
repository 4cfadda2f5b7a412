package import Compose
import Engine
import Glibc

extension Plan {
    /// Refuses to take away what another folder made, where both folders only happen to have the same
    /// name: nobody said that it is one project.
    ///
    /// - Throws: with both folders, when the plan stops, replaces or removes such a container.
    func checkOwnership(
        of project: Project,
        observed: Observed,
        options: UpOptions
    ) throws(ReconcilerError) {
        guard project.isNamedByFolder, !options.adopts else { return }
        let touched = Set(steps.compactMap(\.operation.takenAway))
        let foreign = observed.containers.filter { container in
            guard let directory = container.directory, !directory.isEmpty else { return false }
            return touched.contains(container.name)
                && !Self.isOne(directory, project.directory)
        }.sorted { $0.name < $1.name }
        guard let first = foreign.first, let directory = first.directory else { return }
        let names = foreign.prefix(3).map(\.name).joined(separator: ", ")
        let more = foreign.count > 3 ? " and \(foreign.count - 3) more" : ""
        throw ReconcilerError(
            "project \(project.name)",
            "\(names)\(more) would be replaced, which \(directory) made; this is "
                + "\(project.directory), and its name is only that of the folder",
            remedy: "give this project a name of its own with -p or `name:` in the file, or take "
                + "them over with --adopt"
        )
    }

    /// Refuses to remove volumes of a project that another folder made, where both folders only happen to
    /// have the same name. Containers and networks may go: `up` makes them again, from the other folder.
    ///
    /// `recorded` is the folder that brought the project up last.
    /// - Throws: with both folders.
    package func checkLosses(
        of project: Project,
        observed: Observed,
        recorded: String? = nil
    ) throws(ReconcilerError) {
        guard project.isNamedByFolder, steps.contains(where: \.operation.losesData) else { return }
        let made = observed.containers.compactMap(\.directory) + [recorded].compactMap(\.self)
        let foreign = made.filter { !$0.isEmpty && !Self.isOne($0, project.directory) }
        guard let other = foreign.sorted().first else { return }
        throw ReconcilerError(
            "project \(project.name)",
            "its volumes would be removed, and \(other) made them; this is \(project.directory), and "
                + "its name is only that of the folder",
            remedy: "say which project is meant with -p, or take it over with --adopt"
        )
    }

    /// Whether two paths lead to one folder.
    private static func isOne(_ path: String, _ other: String) -> Bool {
        if path == other { return true }
        guard let first = realpath(path, nil) else { return false }
        defer { free(first) }
        guard let second = realpath(other, nil) else { return false }
        defer { free(second) }
        return strcmp(first, second) == 0
    }
}

extension Plan.Operation {
    /// It takes away what nothing makes again.
    fileprivate var losesData: Bool {
        switch self {
        case .removeVolume, .removeContainer(_, withAnonymousVolumes: true): true
        default: false
        }
    }

    /// The name of a container that does not go on as it is.
    fileprivate var takenAway: String? {
        switch self {
        case .replaceContainer(let container, _, _), .stopContainer(let container, _),
            .restartContainer(let container, _), .removeContainer(let container, _),
            .killContainer(let container, _):
            container.name
        case .succeed(let succession): succession.old.name
        default: nil
        }
    }
}
