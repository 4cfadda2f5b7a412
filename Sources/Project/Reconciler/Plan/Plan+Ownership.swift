package import Compose
import Engine
import Glibc
import OrderedCollections

extension Plan {
    /// Refuses to take away what another folder made, where both folders only happen to have the same
    /// name: nobody said that it is one project.
    ///
    /// - Throws: with both folders, when the plan stops, replaces or removes such a container.
    mutating func checkOwnership(
        of project: Project,
        observed: Observed,
        options: UpOptions
    ) throws(ReconcilerError) {
        guard project.isNamedByFolder, !options.adopts else { return }
        try checkVolumes(of: project, observed: observed)
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

    /// The same of what another folder keeps in volumes: a volume stays its maker's. Where that folder
    /// is not there any more, nobody else can mean them, and a warning says so.
    private mutating func checkVolumes(
        of project: Project,
        observed: Observed
    ) throws(ReconcilerError) {
        guard steps.contains(where: \.operation.makes) else { return }
        let declared = Set(project.volumes.values.filter { !$0.external }.map(\.name))
        let foreign = observed.volumes.filter { volume in
            guard let directory = volume.directory, !directory.isEmpty else { return false }
            return declared.contains(volume.name) && volume.project == project.name
                && !Self.isOne(directory, project.directory)
        }.sorted { $0.name < $1.name }
        let names = foreign.map(\.name).joined(separator: ", ")
        guard let directory = foreign.compactMap(\.directory).first(where: Self.isThere) else {
            guard let former = foreign.first?.directory else { return }
            return warnings.append(
                "\(names): made by \(former), which is not there any more; used as they are "
                    + "(--adopt takes them over)"
            )
        }
        throw ReconcilerError(
            "project \(project.name)",
            "\(names) would be used, which \(directory) made; this is \(project.directory), and its "
                + "name is only that of the folder",
            remedy: "give this project a name of its own with -p or `name:` in the file, or take "
                + "them over with --adopt"
        )
    }

    /// Refuses to remove volumes of a project that another folder made, where both folders only happen to
    /// have the same name. Containers and networks may go: `up` makes them again, from the other folder.
    ///
    /// - Throws: with both folders.
    package func checkLosses(
        of project: Project,
        observed: Observed
    ) throws(ReconcilerError) {
        guard project.isNamedByFolder else { return }
        let made = steps.compactMap { step -> String? in
            switch step.operation {
            case .removeVolume(let name):
                // One that two projects share by its name goes with the last of them.
                observed.volumes.first { $0.name == name && $0.project == project.name }?.directory
            case .removeContainer(let container, withAnonymousVolumes: true):
                observed.containers.first { $0.name == container.name }?.directory
            default: nil
            }
        }
        let foreign = made.filter { !$0.isEmpty && !Self.isOne($0, project.directory) }
        guard let other = foreign.sorted().first else { return }
        throw ReconcilerError(
            "project \(project.name)",
            "its volumes would be removed, and \(other) made them; this is \(project.directory), and "
                + "its name is only that of the folder",
            remedy: "say which project is meant with -p, or take it over with --adopt"
        )
    }

    private static func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

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
    /// It makes a container of the file.
    fileprivate var makes: Bool {
        switch self {
        case .createContainer, .replaceContainer, .runPreStart: true
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
        case .republish(let container, _): container.name
        case .succeed(let succession): succession.old.name
        default: nil
        }
    }
}
