import Addresses
import Compose
import OrderedCollections
import TextForms

/// What a project is made of and what needs what: the value that `berth graph` draws.
struct ProjectGraph: Equatable {
    /// The project's name.
    var name: String
    /// Dependencies before dependents.
    var services: [Service] = []
    /// What services are on, in the order of the file.
    var networks: [Network] = []
    /// What services share or keep: named volumes and folders of the host, in order of first use.
    var volumes: [Volume] = []

    struct Service: Equatable {
        var name: String
        /// `postgres:16`, or `build ./web`.
        var image: String
        var scale: Int
        var dependencies: [Dependency] = []
        var networks: [String] = []
        /// `none`, `host`, `container x`, where it has no network of its own.
        var networkMode: String?
        var mounts: [Mount] = []
        /// `127.0.0.1:8080 → 80/tcp`; what `expose` says is published nowhere and not listed.
        var ports: [Port] = []
    }

    struct Dependency: Equatable {
        var service: String
        var condition: Compose.Dependency.Condition
        var isRequired: Bool
        var restarts: Bool
    }

    struct Mount: Equatable {
        /// Index in `volumes`.
        var volume: Int
        var target: String
        var isReadOnly: Bool
    }

    struct Port: Equatable {
        /// Where it is published: `8080`, `127.0.0.1:8080`, `any port`.
        var host: String
        /// `80/tcp`
        var container: String
    }

    struct Network: Equatable {
        var name: String
        var isExternal: Bool
        var isInternal: Bool
    }

    struct Volume: Equatable {
        enum Kind: String { case volume, bind }

        var kind: Kind
        /// The key of a volume, the path of a folder: below the project's as `./data`.
        var name: String
        var isExternal: Bool
    }

    /// `order` are the names of the services, dependencies first.
    init(_ project: Project, order: [String]) {
        name = project.name
        var places: OrderedDictionary<String, Int> = [:]
        for name in order {
            guard let declared = project.services[name] ?? project.providers[name] else {
                continue
            }
            var service = Service(
                name: name,
                image: Self.image(of: declared, in: project),
                scale: declared.scale
            )
            service.dependencies = declared.dependsOn
                .filter { project.services[$0.key] != nil }
                .map { name, dependency in
                    Dependency(
                        service: name,
                        condition: dependency.condition,
                        isRequired: dependency.required,
                        restarts: dependency.restart
                    )
                }
            // It is asked before anything is started.
            service.dependencies += declared.providedBy.filter { project.providers[$0] != nil }
                .map {
                    Dependency(service: $0, condition: .started, isRequired: true, restarts: false)
                }
            service.networks = Array(declared.networks.keys)
            service.networkMode = declared.networkMode.flatMap(Self.words)
            service.ports = declared.ports.map(Port.init)
            for mount in declared.volumes {
                guard let volume = Self.volume(of: mount, in: project) else { continue }
                let place = places["\(volume.kind) \(volume.name)", default: volumes.count]
                if place == volumes.count {
                    places["\(volume.kind) \(volume.name)"] = place
                    volumes.append(volume)
                }
                service.mounts.append(
                    Mount(volume: place, target: mount.target, isReadOnly: mount.readOnly)
                )
            }
            services.append(service)
        }
        networks = project.networks.map { key, network in
            Network(name: key, isExternal: network.external, isInternal: network.isInternal)
        }
    }

    private static func image(of service: Compose.Service, in project: Project) -> String {
        if let provider = service.provider { return "provider \(provider.type)" }
        guard let build = service.build else { return service.image ?? "no image" }
        return "build " + shortened(build.context, in: project)
    }

    /// nil for what no other service sees: memory, anonymous volumes, images.
    private static func volume(of mount: VolumeMount, in project: Project) -> Volume? {
        switch mount.source {
        case .bind(let path, _):
            Volume(kind: .bind, name: shortened(path, in: project), isExternal: false)
        case .volume(let key?, _):
            Volume(
                kind: .volume,
                name: key,
                isExternal: project.volumes[key]?.external ?? false
            )
        case .volume(nil, _), .tmpfs, .image, .namedPipe, .cluster: nil
        }
    }

    /// Paths below the project's folder as files of compose have them.
    private static func shortened(_ path: String, in project: Project) -> String {
        if path == project.directory { return "." }
        let folder = project.directory.hasSuffix("/") ? project.directory : project.directory + "/"
        return path.hasPrefix(folder) ? "./" + path.dropFirst(folder.count) : path
    }

    private static func words(_ mode: NetworkModeDeclaration) -> String? {
        switch mode {
        case .none: "none"
        case .host: "host"
        case .service(let name): "that of \(name)"
        case .container(let name): "that of container \(name)"
        case .named: nil
        }
    }
}

extension ProjectGraph.Port {
    init(_ port: PortDeclaration) {
        let number = port.published.map(\.description) ?? "any port"
        host =
            switch port.hostAddress {
            case nil: number
            case let address?:
                "\(address)".contains(":") ? "[\(address)]:\(number)" : "\(address):\(number)"
            }
        container = "\(port.target)/\(port.transport.rawValue)"
    }
}

extension ProjectGraph.Dependency {
    /// What the dependent waits for, of the service that it needs: `is healthy`.
    var words: String {
        let state =
            switch condition {
            case .started: "has started"
            case .healthy: "is healthy"
            case .completedSuccessfully: "has completed"
            }
        return state + remark
    }

    /// What is special about it, in brackets behind a word.
    var remark: String {
        let remarks = [isRequired ? nil : "optional", restarts ? "restarts with it" : nil]
            .compactMap(\.self)
        return remarks.isEmpty ? "" : " (\(remarks.joined(separator: ", ")))"
    }
}
