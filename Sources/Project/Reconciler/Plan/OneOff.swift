package import Compose
package import ContainerRuntime
import Engine
package import KernelNames
package import OrderedCollections

/// A container of a service that `run` makes beside its replicas: what is otherwise than in the file.
package struct OneOff: Sendable {
    package let service: String
    /// The container's.
    package let name: String
    /// nil and the same for what follows: the file says it.
    package var command: [String]?
    /// An empty one is none, the image's neither.
    package var entrypoint: [String]?
    /// A nil value takes the variable out.
    package var environment: OrderedDictionary<String, String?> = [:]
    package var user: String?
    package var workingDirectory: String?
    package var labels: OrderedDictionary<String, String> = [:]
    /// Take the places of those with the same target.
    package var volumes: [VolumeMount] = []
    /// Instead of those of the file, unless it `publishesPorts`.
    package var ports: [PortDeclaration] = []
    package var publishesPorts = false
    package var capAdd: [Capability.Choice] = []
    package var capDrop: [Capability.Choice] = []
    /// It is found by the names of the service, too.
    package var usesAliases = false
    package var streams: Streams?
    /// It is removed as soon as it has ended, with its anonymous volumes.
    package var isRemovedAtEnd = false
    private let slug: String

    /// Without a name it has one that nobody else has.
    package init(of service: String, in project: Project, named name: String? = nil) {
        self.service = service
        slug = ContainerID.random().text
        self.name = name ?? project.joinedName(service, "run", String(slug.prefix(12)))
    }
}

extension OneOff {
    /// The project with the service as this container is to be.
    /// - Throws: for a service that the project does not have.
    package func applied(to project: Project) throws(ReconcilerError) -> Project {
        var project = project
        let declared = project.declaredService(service)
        guard var changed = declared else {
            throw ReconcilerError("", "no such service: \(service)")
        }
        change(&changed)
        for case .volume(let key?, _) in changed.volumes.map(\.source)
        where project.volumes[key] == nil {
            // Named on the command line alone: a volume of the machine, by this very name.
            project.volumes[key] = VolumeDeclaration(name: key)
        }
        project.disabledServices[service] = nil
        project.services[service] = changed
        return project
    }

    private func change(_ service: inout Service) {
        service.scale = 1
        service.containerName = nil
        service.restart = nil
        if let entrypoint {
            service.entrypoint = entrypoint
            service.command = command ?? []
        } else if let command {
            service.command = command
        }
        service.environment.merge(environment) { $1 }
        service.labels.merge(labels) { $1 }
        if let user { service.user = user }
        if let workingDirectory { service.workingDirectory = workingDirectory }
        let targets = Set(volumes.map { cleaned($0.target) })
        service.volumes.removeAll { targets.contains(cleaned($0.target)) }
        service.tmpfs.removeAll { targets.contains(cleaned($0.target)) }
        service.volumes += volumes
        if !publishesPorts { service.ports = ports }
        service.security.capAdd += capAdd
        service.security.capDrop += capDrop
    }

    /// Makes a replica's request one for this container.
    func change(_ request: inout ContainerRequest) {
        request.isOneOff = true
        request.number = nil
        request.labels[ComposeLabels.number] = nil
        request.labels[ComposeLabels.oneOff] = "True"
        request.labels[ComposeLabels.slug] = slug
        request.spec.restart = .no
        request.spec.streams = streams
        request.spec.isRemovedAtEnd = isRemovedAtEnd ? true : nil
        guard !usesAliases, case .attached(var attachments) = request.spec.network else { return }
        for index in attachments.indices { attachments[index].aliases = [] }
        request.spec.network = .attached(attachments)
    }
}
