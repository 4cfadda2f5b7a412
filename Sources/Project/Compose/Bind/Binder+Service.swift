import KernelNames
import OrderedCollections
import TextForms

extension Binder {
    /// A canonical service becomes a `Service`, but for what `readResolved` adds.
    mutating func service(_ node: Node, name: String) -> Service {
        var service = Service(name: name)
        readImage(node, &service)
        readProcess(node, &service)
        readLife(node, &service)
        readConnections(node, &service)
        readFiles(node, &service)
        service.security = security(node)
        service.namespaces = namespaces(node)
        service.resources = resources(node)
        service.devices = devices(node)
        service.runtime = text(node["runtime"])
        service.isolation = text(node["isolation"])
        service.credentialSpec = node["credential_spec"].map(credentialSpec)
        service.useAPISocket = node["use_api_socket"]?.bool ?? false
        service.annotations = texts(node["annotations"])
        service.logging = node["logging"].map(logging)
        service.deploy = node["deploy"].map { deploy in inside("deploy") { $0.deploy(deploy) } }
        service.develop = node["develop"].map(develop)
        service.models = each(node["models"]) { $0.serviceModel($1, $2) }
        service.provider = node["provider"].map(provider)
        return service
    }

    /// What env files and label files add to, once they were read.
    static func readResolved(_ node: Node, _ service: inout Service) {
        service.environment = optionals(node["environment"])
        service.labels = texts(node["labels"])
    }

    private mutating func readImage(_ node: Node, _ service: inout Service) {
        service.image = text(node["image"])
        service.build = node["build"].flatMap { build in inside("build") { $0.build(build) } }
        service.platform = value(
            node,
            "platform",
            { Self.isPlatform($0) ? $0 : nil },
            Mistake.isNot("a platform", such: "linux/arm64")
        )
        if service.platform == nil { service.platform = defaultPlatform }
        service.pullPolicy = value(
            node,
            "pull_policy",
            { PullPolicy($0) },
            {
                Mistake(
                    "unknown pull policy \"\($0)\"",
                    hint: PullPolicy.hint($0),
                    endsEveryLoad: true
                )
            },
            mayBeEmpty: false
        )
        service.pullRefreshAfter = value(
            node,
            "pull_refresh_after",
            { GoDuration.parse($0, units: .daysAndWeeks).map(Duration.nanoseconds) },
            Mistake.isNot("a duration", such: "24h")
        )
    }

    /// `os[/architecture[/variant]]`, or one word that is either.
    private static func isPlatform(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Za-z0-9_.\-]+(\([^)]*\))?(\/[A-Za-z0-9_.\-]+){0,2}/) != nil
    }

    private func readProcess(_ node: Node, _ service: inout Service) {
        service.command = node["command"]?.list.map { $0.compactMap(\.string) }
        service.entrypoint = node["entrypoint"]?.list.map { $0.compactMap(\.string) }
        service.workingDirectory = text(node["working_dir"])
        service.user = text(node["user"])
        service.groupAdd = node["group_add"]?.strings ?? []
        service.tty = node["tty"]?.bool ?? false
        service.stdinOpen = node["stdin_open"]?.bool ?? false
        service.attach = node["attach"]?.bool
        service.hostname = text(node["hostname"])
        service.domainname = text(node["domainname"])
        service.containerName = text(node["container_name"])
        service.usesInit = node["init"]?.bool
    }

    private mutating func security(_ node: Node) -> SecurityDeclaration {
        var security = SecurityDeclaration()
        security.privileged = node["privileged"]?.bool ?? false
        security.capAdd = values(node, "cap_add", { .init($0) }, Mistake.capability)
        security.capDrop = values(node, "cap_drop", { .init($0) }, Mistake.capability)
        security.securityOpt = values(
            node,
            "security_opt",
            { .init($0) },
            Mistake.securityOption
        )
        return security
    }

    private mutating func namespaces(_ node: Node) -> NamespaceDeclaration {
        var namespaces = NamespaceDeclaration()
        namespaces.pid = namespace(node, "pid", ["host", "private"])
        namespaces.ipc = namespace(node, "ipc", ["host", "private", "shareable", "none"])
        namespaces.uts = namespace(node, "uts", ["host", "private"])
        namespaces.cgroup = namespace(node, "cgroup", ["host", "private"])
        namespaces.usernsMode = text(node["userns_mode"])
        return namespaces
    }

    private mutating func namespace(
        _ node: Node,
        _ key: String,
        _ words: [String]
    ) -> NamespaceDeclaration.Choice? {
        value(
            node,
            key,
            { .init($0, words: words) },
            Mistake.unknown(
                "\(key) mode",
                among: words,
                else: words.joined(separator: ", ") + ", service:NAME or container:NAME"
            )
        )
    }

    private func logging(_ node: Node) -> LoggingDeclaration {
        var logging = LoggingDeclaration()
        logging.driver = text(node["driver"])
        logging.options = texts(node["options"])
        return logging
    }

    private func credentialSpec(_ node: Node) -> CredentialSpec {
        var spec = CredentialSpec()
        spec.config = text(node["config"])
        spec.file = text(node["file"])
        spec.registry = text(node["registry"])
        return spec
    }

    private func serviceModel(_ node: Node, _ key: String) -> ServiceModel {
        var model = ServiceModel()
        model.endpointVar = text(node["endpoint_var"])
        model.modelVar = text(node["model_var"])
        return model
    }

    private func provider(_ node: Node) -> ProviderDeclaration {
        var provider = ProviderDeclaration(type: node["type"]?.string ?? "")
        for (key, value) in node["options"]?.map ?? [:] { provider.options[key] = value.strings }
        return provider
    }
}
