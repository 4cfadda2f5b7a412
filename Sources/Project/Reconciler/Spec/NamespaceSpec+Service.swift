import Compose
import ContainerRuntime
import OrderedCollections

/// The containers whose namespaces a service shares, by what the file calls them.
struct Neighbours {
    /// By service, where it is known which container is meant.
    let names: [String: String]
    let project: Project

    /// Of a service with several containers it is the first.
    func container(of service: String) -> String {
        names[service] ?? project.services[service]?.containerName
            ?? project.disabledServices[service]?.containerName
            ?? project.joinedName(service, "1")
    }
}

extension NetworkMode {
    init(
        of service: Service,
        in project: Project,
        _ neighbours: Neighbours
    ) throws(ReconcilerError) {
        switch service.networkMode {
        case NetworkModeDeclaration.none?: self = .none
        case .host?: self = .host
        case .service(let name)?: self = .container(neighbours.container(of: name))
        case .container(let name)?: self = .container(name)
        case .named?, nil:
            self = .attached(try NetworkAttachment.all(of: service, in: project))
        }
    }
}

extension NamespaceSpec {
    /// nil where everything is the container's own: most specs do not say it.
    init?(of declaration: NamespaceDeclaration, _ neighbours: Neighbours) {
        self.init()
        pid = NamespaceSource(declaration.pid, neighbours)
        ipc = NamespaceSource(declaration.ipc, neighbours)
        uts = NamespaceSource(declaration.uts, neighbours)
        cgroup = NamespaceSource(declaration.cgroup, neighbours)
        memory =
            switch declaration.ipc {
            case .shareable?: .shareable
            case NamespaceDeclaration.Choice.none?: .none
            default: .private
            }
        users = declaration.usernsMode.flatMap { UserRange(rawValue: $0) }
        if isPlain { return nil }
    }
}

extension NamespaceSource {
    fileprivate init(_ choice: NamespaceDeclaration.Choice?, _ neighbours: Neighbours) {
        switch choice {
        case .host?: self = .host
        case .service(let name)?: self = .container(neighbours.container(of: name))
        case .container(let name)?: self = .container(name)
        case .private?, .shareable?, NamespaceDeclaration.Choice.none?, nil: self = .own
        }
    }
}

extension ContainerSpec {
    /// Refuses what does not go with users of the container's own.
    func checkOwnUsers(of service: Service) throws(ReconcilerError) {
        guard let reason = refusalOfOwnUsers else { return }
        let problem = ReconcilerError.Problem(
            "service \"\(service.name)\"",
            reason,
            remedy: "write `userns_mode: host`, or leave that out",
            at: service.path("userns_mode")
        )
        throw ReconcilerError([problem])
    }

    /// Sorted, so that their order in the file makes no difference.
    mutating func setSysctls(of service: Service) throws(ReconcilerError) {
        let asked = service.resources.sysctls
        guard !asked.isEmpty else { return }
        let settings = asked.map { SysctlSetting($0.key, $0.value) }.sorted { $0.name < $1.name }
        let problems = settings.compactMap { setting in
            refusal(of: setting).map { reason in
                ReconcilerError.Problem(
                    "service \"\(service.name)\"",
                    "cannot set \(setting.name): \(reason)",
                    remedy: "remove it, or set it on the machine with sysctl(8)",
                    at: service.path("sysctls.\(setting.name)")
                )
            }
        }
        guard problems.isEmpty else { throw ReconcilerError(problems) }
        sysctls = settings
    }
}
