import Compose
import OrderedCollections

/// The services a command is about, dependencies before dependents.
struct ServiceSelection {
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
        // What a program provides has no containers, and may be named all the same.
        let isProviderOnly = !names.isEmpty && names.allSatisfy { project.providers[$0] != nil }
        let names = names.filter { project.providers[$0] == nil }
        guard !isProviderOnly else { return }
        for name in names where all[name] == nil {
            throw ReconcilerError(
                "",
                "no such service: \(name)",
                remedy: "the project has \(project.services.keys.joined(separator: ", "))"
            )
        }
        named = Set(names.isEmpty ? Array(project.services.keys) : names)
        // In the order of the file, so that plans are the same each time.
        var dependencies = DepthFirst<String>()
        var ordered: OrderedDictionary<String, Service> = [:]
        let named = named
        for name in all.keys where named.contains(name) {
            try dependencies.walk(
                from: name,
                needs: { name in
                    (all[name]?.dependsOn ?? [:]).compactMap { dependency, condition in
                        let comesAlong =
                            withDependencies
                            && (project.services[dependency] != nil || condition.required)
                        let isMeant = named.contains(dependency) || comesAlong
                        return isMeant && all[dependency] != nil ? dependency : nil
                    }
                },
                circle: { (way, again) throws(ReconcilerError) in
                    let circle = (way.drop { $0 != again } + [again]).joined(separator: " → ")
                    throw ReconcilerError("service \"\(again)\"", "depends on itself: \(circle)")
                },
                leave: { ordered[$0] = all[$0] }
            )
        }
        services = ordered
    }
}
