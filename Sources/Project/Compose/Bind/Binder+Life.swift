import KernelNames
import OrderedCollections

/// When a service runs, and how it ends.
extension Binder {
    mutating func readLife(_ node: Node, _ service: inout Service) {
        for (key, entry) in node["depends_on"]?.map ?? [:] {
            service.dependsOn[key] = dependency(entry)
        }
        service.healthcheck = node["healthcheck"].map(healthcheck)
        if let own = node["x-berth"] { inside("x-berth") { $0.readOwn(own, &service) } }
        service.restart = value(node, "restart", { RestartDeclaration($0) }, Mistake.restart)
        service.stopSignal = value(node, "stop_signal", { Signal($0) }, Mistake.signal)
        service.stopGracePeriod = duration(node["stop_grace_period"])
        service.preStart = (node["pre_start"]?.list ?? []).map(hook)
        service.postStart = (node["post_start"]?.list ?? []).map(hook)
        service.preStop = (node["pre_stop"]?.list ?? []).map(hook)
        let scale = node["scale"] ?? node["deploy"]?["replicas"]
        service.scale = scale?.int.map(Int.init) ?? 1
        service.profiles = node["profiles"]?.strings ?? []
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
        readTimes(node, &check)
        return check
    }

    private func readTimes(_ node: Node, _ check: inout HealthcheckDeclaration) {
        check.interval = duration(node["interval"])
        check.timeout = duration(node["timeout"])
        check.startPeriod = duration(node["start_period"])
        check.startInterval = duration(node["start_interval"])
        check.retries = node["retries"]?.int.map(Int.init)
    }

    /// What is berth's own.
    private mutating func readOwn(_ node: Node, _ service: inout Service) {
        service.onUnhealthy = node["on_unhealthy"]?.string.flatMap { .init(rawValue: $0) }
        guard let check = node["healthcheck"] else { return }
        inside("healthcheck") { service.healthcheck = $0.outsideCheck(check) }
    }

    private mutating func outsideCheck(_ node: Node) -> HealthcheckDeclaration {
        var check = HealthcheckDeclaration()
        let probe =
            value(node, "http", { OutsideProbe(http: $0) }, Mistake.always(Mistake.httpProbe))
            ?? value(node, "tcp", { OutsideProbe(tcp: $0) }, Mistake.always(Mistake.tcpProbe))
            ?? value(node, "log", { OutsideProbe(log: $0) }, Mistake.always(Mistake.logProbe))
        check.test = probe.map { .outside($0) }
        readTimes(node, &check)
        return check
    }

    func hook(_ node: Node) -> Hook {
        var hook = Hook()
        hook.command = node["command"]?.strings ?? []
        hook.user = text(node["user"])
        hook.privileged = node["privileged"]?.bool ?? false
        hook.workingDirectory = text(node["working_dir"])
        hook.environment = optionals(node["environment"])
        hook.image = text(node["image"])
        hook.perReplica = node["per_replica"]?.bool ?? false
        return hook
    }

    func develop(_ node: Node) -> DevelopDeclaration {
        var develop = DevelopDeclaration()
        develop.watch = (node["watch"]?.list ?? []).compactMap(watchRule)
        return develop
    }

    private func watchRule(_ node: Node) -> DevelopDeclaration.WatchRule? {
        guard let path = node["path"]?.string,
            let action = node["action"]?.string.flatMap({
                DevelopDeclaration.WatchRule.Action(rawValue: $0)
            })
        else { return nil }
        var rule = DevelopDeclaration.WatchRule(path: path, action: action)
        rule.target = text(node["target"])
        rule.exec = node["exec"].map(hook)
        rule.include = node["include"]?.strings ?? []
        rule.ignore = node["ignore"]?.strings ?? []
        rule.initialSync = node["initial_sync"]?.bool ?? false
        return rule
    }
}
