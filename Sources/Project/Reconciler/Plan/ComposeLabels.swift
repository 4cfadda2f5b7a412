package import Compose
import OrderedCollections
import Supervisor

/// The labels by which Compose's tools recognise what belongs to a project. Whose a thing is, not
/// what it is: none of them is part of a spec or its hash.
package enum ComposeLabels {
    package static let prefix = "com.docker.compose."
    package static let project = prefix + "project"
    package static let service = prefix + "service"
    package static let number = prefix + "container-number"
    package static let oneOff = prefix + "oneoff"
    package static let slug = prefix + "slug"
    /// Of a container in which a hook is run: its kind.
    package static let hook = prefix + "hook"
    package static let configHash = prefix + "config-hash"
    package static let image = prefix + "image"
    package static let dependsOn = prefix + "depends_on"
    package static let workingDirectory = prefix + "project.working_dir"
    package static let configFiles = prefix + "project.config_files"
    package static let version = prefix + "version"
    package static let network = prefix + "network"
    package static let volume = prefix + "volume"
    /// The Compose release whose behaviour is followed; tools compare it as a version.
    package static let followedVersion = "2.40.3"

    /// Those of a replica, but `image`, which follows from its spec.
    package static func container(
        _ service: Service,
        number: Int,
        in project: Project
    ) -> [String: String] {
        var labels = common(project)
        labels[Self.service] = service.name
        labels[Self.number] = "\(number)"
        labels[oneOff] = "False"
        labels[configHash] = service.configHash
        labels[dependsOn] = service.dependsOn.map { name, dependency in
            "\(name):\(dependency.condition.rawValue):\(dependency.restart)"
        }.joined(separator: ",")
        labels[workingDirectory] = project.directory
        labels[configFiles] = project.files.joined(separator: ",")
        return labels
    }

    /// Those of an image that is built for a service.
    package static func image(of service: Service, in project: Project) -> [String: String] {
        common(project).merging([Self.service: service.name], uniquingKeysWith: { $1 })
    }

    static func network(_ key: String, in project: Project) -> [String: String] {
        common(project).merging([network: key], uniquingKeysWith: { $1 })
    }

    static func volume(_ key: String, in project: Project) -> [String: String] {
        common(project).merging([volume: key], uniquingKeysWith: { $1 })
    }

    private static func common(_ project: Project) -> [String: String] {
        [Self.project: project.name, version: followedVersion]
    }

    /// What a `depends_on` label says of each service: `db:service_healthy:false`.
    static func conditions(in label: String?) -> [String: WaitCondition] {
        var conditions: [String: WaitCondition] = [:]
        for entry in (label ?? "").split(separator: ",") {
            let parts = entry.split(separator: ":").map(String.init)
            guard parts.count > 1, let word = Dependency.Condition(rawValue: parts[1]) else {
                continue
            }
            conditions[parts[0]] = WaitCondition(word)
        }
        return conditions
    }

    /// The services that a `depends_on` label names.
    package static func dependencies(in label: String?) -> [String] {
        (label ?? "").split(separator: ",").map { entry in
            String(entry.split(separator: ":", maxSplits: 1)[0])
        }
    }
}
