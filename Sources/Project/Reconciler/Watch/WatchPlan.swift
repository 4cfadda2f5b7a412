package import Compose
import OrderedCollections

/// The rules of a project's services that are watched.
package struct WatchPlan: Equatable, Sendable {
    /// In the order of the file.
    package var triggers: [WatchTrigger] = []
    /// Paths that are not watched since the service sees them itself: they are mounted in it.
    package var mounted: [String] = []
    /// Files that the rules come of: the project's, and those that say what builds leave out.
    package var sources: [String] = []

    /// Reads the rules of the services named, or of all.
    ///
    /// - Throws: a `ReconcilerError` for what docker compose refuses, too: no rules at all, and a
    ///   `rebuild` of what is not built.
    package init(_ project: Project, services: [String]) throws {
        for service in project.services.values
        where services.isEmpty || services.contains(service.name) {
            for (index, rule) in (service.develop?.watch ?? []).enumerated() {
                try Self.check(rule, of: service, index)
                if rule.action.copies, service.mounts(rule.path) {
                    mounted.append(rule.path)
                } else {
                    triggers.append(try WatchTrigger(rule, of: service))
                }
            }
        }
        sources = Set(project.files.filter { $0 != "-" } + triggers.flatMap(\.ignoreFiles)).sorted()
        guard triggers.isEmpty else { return }
        throw ReconcilerError(
            "",
            "none of the selected services is configured for watch",
            remedy: "consider setting a 'develop' section"
        )
    }

    private static func check(
        _ rule: DevelopDeclaration.WatchRule,
        of service: Service,
        _ index: Int
    ) throws {
        let place = "services.\(service.name).develop.watch[\(index)].action"
        if rule.action == .rebuild, service.build == nil {
            throw ReconcilerError(
                "",
                "can't watch service \"\(service.name)\" with action rebuild without a build context",
                remedy: "give it a \"build\", or write another action",
                at: place
            )
        }
        if rule.action == .syncAndExec, rule.exec?.command.isEmpty != false {
            throw ReconcilerError(
                "",
                "\"sync+exec\" needs a command",
                remedy: "add \"exec\" with a \"command\", or write \"sync\"",
                at: place
            )
        }
    }

    /// The paths that are to be watched.
    package var paths: [String] { triggers.map(\.rule.path) }

    /// Whether no rule is about anything in a folder.
    package func skips(_ folder: String) -> Bool { triggers.allSatisfy { $0.skips(folder) } }

    /// Services whose image is built before they are watched: as docker compose, those that have
    /// rules and a `build`.
    package static func built(of project: Project) -> [String] {
        project.services.values.filter { $0.build != nil && $0.develop?.watch.isEmpty == false }
            .map(\.name)
    }
}

extension Service {
    /// Whether a folder of the host, or one above it, is mounted in its containers.
    fileprivate func mounts(_ path: String) -> Bool {
        volumes.contains { mount in
            guard case .bind(let source, _) = mount.source else { return false }
            return path == source || path.hasPrefix(source == "/" ? source : source + "/")
        }
    }
}
