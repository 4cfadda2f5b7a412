import Compose
import OrderedCollections

/// The services a command is about, dependencies before dependents.
struct Selection {
    /// In an order in which they can be started.
    var services: OrderedDictionary<String, Service> = [:]
    /// Those that were asked for; the others came along as dependencies.
    var named: Set<String> = []

    /// Takes every enabled service when `names` is empty. One that no profile enables may be named;
    /// its dependencies then come along whether enabled or not.
    init(
        of names: [String],
        withDependencies: Bool,
        in project: Project
    ) throws(ReconcilerError) {
        let all = project.services.merging(
            project.disabledServices,
            uniquingKeysWith: { enabled, _ in enabled }
        )
        for name in names where all[name] == nil {
            throw ReconcilerError(
                "",
                "no such service: \(name)",
                remedy: "the project has \(project.services.keys.joined(separator: ", "))"
            )
        }
        named = Set(names.isEmpty ? Array(project.services.keys) : names)
        // In the order of the file, so that plans are the same each time.
        for name in all.keys where named.contains(name) {
            try add(name, from: all, project: project, following: withDependencies, path: [])
        }
    }

    private mutating func add(
        _ name: String,
        from all: OrderedDictionary<String, Service>,
        project: Project,
        following: Bool,
        path: [String]
    ) throws(ReconcilerError) {
        guard let service = all[name], services[name] == nil else { return }
        guard !path.contains(name) else {
            let cycle = (path.drop { $0 != name } + [name]).joined(separator: " → ")
            throw ReconcilerError("service \"\(name)\"", "depends on itself: \(cycle)")
        }
        for (dependency, condition) in service.dependsOn {
            let isEnabled = project.services[dependency] != nil
            guard named.contains(dependency) || (following && (isEnabled || condition.required))
            else { continue }
            try add(
                dependency,
                from: all,
                project: project,
                following: following,
                path: path + [name]
            )
        }
        services[name] = service
    }
}
