import KernelNames
import OrderedCollections
import TextForms

/// A canonical service becomes a `Service`. Total: it names every field.
struct ServiceBinder {
    func service(_ node: Node, name: String) -> Service {
        var service = Service(name: name)
        service.image = text(node["image"])
        service.build = node["build"].flatMap(build)
        service.command = node["command"]?.list.map { $0.compactMap(\.string) }
        service.entrypoint = node["entrypoint"]?.list.map { $0.compactMap(\.string) }
        service.environment = optionals(node["environment"])
        service.workingDirectory = text(node["working_dir"])
        service.user = text(node["user"])
        service.hostname = text(node["hostname"])
        service.containerName = text(node["container_name"])
        service.usesInit = node["init"]?.bool
        service.readOnly = node["read_only"]?.bool ?? false
        service.hasTerminal = node["tty"]?.bool ?? false
        service.takesInput = node["stdin_open"]?.bool ?? false
        service.capAdd = (node["cap_add"]?.strings ?? []).compactMap { .init($0) }
        service.capDrop = (node["cap_drop"]?.strings ?? []).compactMap { .init($0) }
        service.ports = (node["ports"]?.list ?? []).compactMap(port)
        service.volumes = (node["volumes"]?.list ?? []).compactMap(mount)
        service.tmpfs = (node["tmpfs"]?.strings ?? []).filter { !$0.isEmpty }.map(tmpfs)
        for (key, entry) in node["networks"]?.map ?? [:] { service.networks[key] = network(entry) }
        for (key, entry) in node["depends_on"]?.map ?? [:] {
            service.dependsOn[key] = dependency(entry)
        }
        service.healthcheck = node["healthcheck"].map(healthcheck)
        service.restart = text(node["restart"]).flatMap { RestartDeclaration($0) }
        service.stopSignal = text(node["stop_signal"]).flatMap { Signal($0) }
        service.stopGracePeriod = duration(node["stop_grace_period"])
        service.pullPolicy = node["pull_policy"]?.string.flatMap(PullPolicy.init)
        service.scale = node["scale"]?.int.map(Int.init) ?? 1
        service.labels = texts(node["labels"])
        service.profiles = node["profiles"]?.strings ?? []
        service.expose = node["expose"]?.strings ?? []
        service.logging = node["logging"].map(logging)
        return service
    }

    private func build(_ node: Node) -> BuildDeclaration? {
        guard node.map != nil else { return nil }
        var build = BuildDeclaration(context: node["context"]?.string ?? "")
        if let dockerfile = text(node["dockerfile"]) { build.dockerfile = dockerfile }
        build.dockerfileInline = text(node["dockerfile_inline"])
        build.args = optionals(node["args"])
        build.target = text(node["target"])
        build.additionalContexts = texts(node["additional_contexts"])
        build.tags = node["tags"]?.strings ?? []
        build.labels = texts(node["labels"])
        return build
    }

    private func port(_ node: Node) -> PortDeclaration? {
        guard let target = node["target"]?.int.flatMap(UInt16.init(exactly:)) else { return nil }
        var port = PortDeclaration(target: target)
        port.hostAddress = text(node["host_ip"])
        // 0 is how to ask for any free port.
        port.published = node["published"]?.string.flatMap { $0.isEmpty || $0 == "0" ? nil : $0 }
        port.transport = node["protocol"]?.string?.lowercased() ?? "tcp"
        return port
    }

    private func mount(_ node: Node) -> VolumeMount? {
        guard let type = node["type"]?.string, let target = node["target"]?.string else {
            return nil
        }
        let source: VolumeMount.Source
        switch type {
        case "bind":
            source = .bind(
                path: node["source"]?.string ?? "",
                createHostPath: node["bind"]?["create_host_path"]?.bool ?? true
            )
        case "volume":
            let key = node["source"]?.string
            source = .volume(
                key: key?.isEmpty == true ? nil : key,
                nocopy: node["volume"]?["nocopy"]?.bool ?? false
            )
        case "tmpfs":
            source = .tmpfs(
                sizeBytes: node["tmpfs"]?["size"]?.string.flatMap { Int64($0) },
                mode: node["tmpfs"]?["mode"]?.int.flatMap(UInt32.init(exactly:))
            )
        default: return nil
        }
        var mount = VolumeMount(
            source: source,
            target: target,
            readOnly: node["read_only"]?.bool ?? false
        )
        mount.propagation = text(node["bind"]?["propagation"]).flatMap { .init($0) }
        return mount
    }

    private func tmpfs(_ text: String) -> VolumeMount {
        let short = ShortTmpfs(text)
        return VolumeMount(
            source: .tmpfs(sizeBytes: short.sizeBytes, mode: short.mode),
            target: short.target,
            readOnly: short.isReadOnly
        )
    }

    private func network(_ node: Node) -> ServiceNetwork {
        var network = ServiceNetwork()
        network.aliases = node["aliases"]?.strings ?? []
        network.ipv4Address = text(node["ipv4_address"])
        network.gatewayPriority = node["gw_priority"]?.int.map(Int.init) ?? 0
        network.priority = node["priority"]?.int.map(Int.init) ?? 0
        return network
    }

    private func dependency(_ node: Node) -> Dependency {
        var dependency = Dependency()
        dependency.condition =
            node["condition"]?.string.flatMap(Dependency.Condition.init) ?? .started
        dependency.restart = node["restart"]?.bool ?? false
        dependency.required = node["required"]?.bool ?? true
        return dependency
    }

    private func healthcheck(_ node: Node) -> HealthcheckDeclaration {
        var check = HealthcheckDeclaration()
        let words = node["test"]?.strings ?? []
        switch words.first {
        case "NONE": check.test = HealthcheckDeclaration.Test.none
        case "CMD": check.test = .exec(Array(words.dropFirst()))
        case "CMD-SHELL": check.test = .shell(words.dropFirst().joined(separator: " "))
        default: break
        }
        if node["disable"]?.bool == true { check.test = HealthcheckDeclaration.Test.none }
        check.interval = duration(node["interval"])
        check.timeout = duration(node["timeout"])
        check.startPeriod = duration(node["start_period"])
        check.startInterval = duration(node["start_interval"])
        check.retries = node["retries"]?.int.map(Int.init)
        return check
    }

    private func logging(_ node: Node) -> LoggingDeclaration {
        var logging = LoggingDeclaration()
        let options = node["options"]
        logging.maximumSizeBytes = options?["max-size"]?.string.flatMap(ByteSize.parseDecimal)
        logging.maximumFiles = options?["max-file"]?.string.flatMap { Int($0) } ?? 1
        return logging
    }

    /// An empty text says nothing: it is what a variable without a value leaves.
    private func text(_ node: Node?) -> String? {
        guard let text = node?.string, !text.isEmpty else { return nil }
        return text
    }

    private func duration(_ node: Node?) -> Duration? {
        node?.string.flatMap { GoDuration.parse($0, units: .daysAndWeeks) }
            .map(Duration.nanoseconds)
    }

    private func texts(_ node: Node?) -> OrderedDictionary<String, String> {
        var result: OrderedDictionary<String, String> = [:]
        for (key, value) in node?.map ?? [:] { result[key] = value.string ?? "" }
        return result
    }

    private func optionals(_ node: Node?) -> OrderedDictionary<String, String?> {
        var result: OrderedDictionary<String, String?> = [:]
        for (key, value) in node?.map ?? [:] { result.updateValue(value.string, forKey: key) }
        return result
    }
}
