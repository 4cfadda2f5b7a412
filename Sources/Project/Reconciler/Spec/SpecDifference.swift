import Addresses
package import ContainerRuntime
import KernelNames

/// What differs between the spec a container was made from and the one it should have, in the words
/// of the compose file. Values of variables and labels that may be secrets are not shown.
package struct SpecDifference: Equatable, Sendable {
    /// `environment.COLOR: red → blue`, in the order of the spec's fields; empty for equal specs.
    package private(set) var changes: [String] = []

    package init(from old: ContainerSpec, to new: ContainerSpec) {
        compareImage(old, new)
        compareProcess(old.process, new.process)
        compare("hostname", old.hostname, new.hostname)
        compare("domainname", old.domainName, new.domainName)
        compareMounts(old.mounts.filter { $0.given == nil }, new.mounts.filter { $0.given == nil })
        compareGivenFiles(old.mounts, new.mounts)
        var (old, new) = (old, new)
        // What came of it differs from container to container.
        old.volumesFrom = old.volumesFrom?.map(\.asked)
        new.volumesFrom = new.volumesFrom?.map(\.asked)
        compareItems(
            "volumes_from",
            old.volumesFrom ?? [],
            new.volumesFrom ?? [],
            named: \.container
        )
        compareFlag("read_only", old.readOnlyRoot, new.readOnlyRoot)
        compareFlag("init", old.usesInit, new.usesInit)
        compareSecurity(old.security, new.security)
        compareResources(old.resources, new.resources)
        compareDevices(old.devices ?? DeviceSpec(), new.devices ?? DeviceSpec())
        compare("shm_size", old.shmSizeBytes, new.shmSizeBytes)
        old.network = old.network.asked(besides: new.network)
        compareNetwork(old.network, new.network)
        compareNamespaces(old.namespaces, new.namespaces)
        compareItems("sysctls", old.sysctls ?? [], new.sysctls ?? [], named: \.name)
        // Whichever port of a range it has, it is the range that was asked for.
        old.ports = old.ports.map(\.asked)
        new.ports = new.ports.map(\.asked)
        compareItems("ports", old.ports, new.ports, named: \.text)
        // Not known is no difference: nobody's container is recreated for what is only shown.
        old.exposed = old.exposed ?? new.exposed
        if old.exposed != new.exposed { changes.append("expose changed") }
        compareItems("extra_hosts", old.extraHosts, new.extraHosts, named: \.name)
        compareItems("links", old.links ?? [], new.links ?? [], named: \.alias)
        if old.dns != new.dns { changes.append("dns changed") }
        compare(
            "stop_signal",
            Signal(number: old.stop.signal).name,
            Signal(number: new.stop.signal).name
        )
        compare("stop_grace_period", old.stop.grace, new.stop.grace)
        compare("restart", old.restart.text, new.restart.text)
        compareHealthcheck(old.healthcheck, new.healthcheck)
        compare("x-berth.on_unhealthy", old.onUnhealthy?.rawValue, new.onUnhealthy?.rawValue)
        if old.hooks?.preStart != new.hooks?.preStart { changes.append("pre_start changed") }
        if old.hooks?.postStart != new.hooks?.postStart { changes.append("post_start changed") }
        if old.hooks?.preStop != new.hooks?.preStop { changes.append("pre_stop changed") }
        if old.log != new.log { changes.append("logging changed") }
        compareStreams(old.streams, new.streams)
        compareItems(
            "labels",
            old.labels.sorted { $0.key < $1.key },
            new.labels.sorted { $0.key < $1.key },
            named: \.key,
            same: { $0.value == $1.value },
            shown: { ShownValue(of: $0.key, $0.value).text }
        )
        if old.annotations != new.annotations { changes.append("annotations changed") }
        // Nobody's container is recreated for what is only shown.
        old.asked = new.asked
        if changes.isEmpty, old != new { changes.append("configuration changed") }
    }

    /// Whether the line does not say all.
    var isCut: Bool { changes.count > 4 }

    /// One line; a long list is cut.
    package var summary: String {
        guard isCut else { return changes.joined(separator: ", ") }
        return changes.prefix(3).joined(separator: ", ") + " and \(changes.count - 3) more"
    }

    /// Leaves out what does not hold.
    mutating func keep(_ holds: (String) -> Bool) { changes.removeAll { !holds($0) } }

    private mutating func compareImage(_ old: ContainerSpec, _ new: ContainerSpec) {
        if old.imageName != new.imageName {
            changes.append("image: \(old.imageName) → \(new.imageName)")
        } else if old.image != new.image {
            changes.append("image \(new.imageName) is a newer one")
        }
    }

    /// Of an image that it is another by the same name is said in the words for images.
    private mutating func compareMounts(_ old: [MountSpec], _ new: [MountSpec]) {
        var old = old
        for mount in new {
            guard case .image(let digest, let name) = mount.source,
                let index = old.firstIndex(where: { $0.target == mount.target }),
                case .image(let former, name) = old[index].source, former != digest
            else { continue }
            changes.append("image \(name) at \(mount.target) is a newer one")
            old[index].source = mount.source
        }
        compareItems("volumes", old, new, named: \.target)
    }

    /// Of content only that it differs is said.
    private mutating func compareGivenFiles(_ old: [MountSpec], _ new: [MountSpec]) {
        var (old, new) = (old.filter { $0.given != nil }, new.filter { $0.given != nil })
        for (place, mount) in new.enumerated() {
            guard let file = mount.given,
                let index = old.firstIndex(where: {
                    $0.given?.kind == file.kind && $0.givenName == mount.givenName
                }),
                let former = old[index].given, former.digest != file.digest
            else { continue }
            changes.append("content of \(file.kind.rawValue) \(file.name) changed")
            old[index].source = .given(former.without)
            new[place].source = .given(file.without)
        }
        compareItems(
            "configs",
            old.filter { $0.given?.kind == .config },
            new.filter { $0.given?.kind == .config },
            named: \.givenName
        )
        compareItems(
            "secrets",
            old.filter { $0.given?.kind == .secret },
            new.filter { $0.given?.kind == .secret },
            named: \.givenName
        )
    }

    private mutating func compareStreams(_ old: Streams?, _ new: Streams?) {
        compareFlag("tty", old?.isTerminal == true, new?.isTerminal == true)
        let (before, after) = (old?.input ?? .none, new?.input ?? .none)
        compareFlag("stdin_open", before != .none, after != .none)
    }

    private mutating func compareProcess(_ old: ProcessSpec, _ new: ProcessSpec) {
        if old.arguments != new.arguments { changes.append("command changed") }
        compareItems(
            "environment",
            old.environment.map(Variable.init),
            new.environment.map(Variable.init),
            named: \.name,
            same: ==,
            shown: { ShownValue(of: $0.name, String($0.value)).text }
        )
        compare("working_dir", old.workingDirectory, new.workingDirectory)
        compare("user", old.user, new.user)
        compareItems("group_add", old.supplementaryGroups, new.supplementaryGroups, named: \.self)
        compareItems("ulimits", old.resourceLimits, new.resourceLimits, named: \.name)
    }

    private mutating func compareSecurity(_ old: SecuritySpec, _ new: SecuritySpec) {
        // All that is in it follows from that.
        if old.privilege != new.privilege {
            return compareFlag("privileged", old.privilege == .full, new.privilege == .full)
        }
        let given = new.capabilities.filter { !old.capabilities.contains($0) }
        let taken = old.capabilities.filter { !new.capabilities.contains($0) }
        if !given.isEmpty || !taken.isEmpty {
            let words = given.map { "+\($0.dropFirst(4))" } + taken.map { "-\($0.dropFirst(4))" }
            changes.append("capabilities changed (\(words.joined(separator: " ")))")
        }
        var rest = old
        rest.capabilities = new.capabilities
        if rest != new { changes.append("security_opt changed") }
    }

    private mutating func compareResources(_ old: ResourceLimits, _ new: ResourceLimits) {
        compare("mem_limit", old.memoryBytes, new.memoryBytes)
        compare("mem_reservation", old.memoryReservationBytes, new.memoryReservationBytes)
        compare("memswap_limit", old.memorySwapBytes, new.memorySwapBytes)
        compare("mem_swappiness", old.memorySwappiness, new.memorySwappiness)
        let disabled = (old.oomKillIsDisabled == true, new.oomKillIsDisabled == true)
        compareFlag("oom_kill_disable", disabled.0, disabled.1)
        compare("oom_score_adj", old.oomScoreAdjustment, new.oomScoreAdjustment)
        compare("pids_limit", old.maximumProcesses, new.maximumProcesses)
        let counts = [old.nanoCPUs, new.nanoCPUs].map { $0.map { Double($0) / 1e9 } }
        compare("cpus", counts[0], counts[1])
        compare("cpu_shares", old.cpuShares, new.cpuShares)
        compare("cpu_quota", old.cpuQuotaMicroseconds, new.cpuQuotaMicroseconds)
        compare("cpu_period", old.cpuPeriodMicroseconds, new.cpuPeriodMicroseconds)
        compare(
            "cpu_rt_period",
            old.cpuRealtimePeriodMicroseconds,
            new.cpuRealtimePeriodMicroseconds
        )
        compare(
            "cpu_rt_runtime",
            old.cpuRealtimeRuntimeMicroseconds,
            new.cpuRealtimeRuntimeMicroseconds
        )
        compare("cpuset", old.cpuSet, new.cpuSet)
        compare("memory nodes", old.memoryNodes, new.memoryNodes)
        if old.blockIO != new.blockIO { changes.append("blkio_config changed") }
        compare("cgroup_parent", old.cgroupParent, new.cgroupParent)
    }

    private mutating func compareDevices(_ old: DeviceSpec, _ new: DeviceSpec) {
        compareItems("devices", old.mappings, new.mappings, named: \.target)
        compareItems("device_cgroup_rules", old.rules, new.rules, named: \.description)
    }

    private mutating func compareNamespaces(_ old: NamespaceSpec?, _ new: NamespaceSpec?) {
        let (old, new) = (old ?? NamespaceSpec(), new ?? NamespaceSpec())
        let kinds: [(String, KeyPath<NamespaceSpec, NamespaceSource>)] = [
            ("pid", \.pid), ("ipc", \.ipc), ("uts", \.uts), ("cgroup", \.cgroup),
        ]
        for (name, kind) in kinds where old[keyPath: kind] != new[keyPath: kind] {
            changes.append("\(name) changed")
        }
        if old.memory != new.memory, old.ipc == new.ipc { changes.append("ipc changed") }
        if old.users != new.users { changes.append("userns_mode changed") }
    }

    private mutating func compareNetwork(_ old: NetworkMode, _ new: NetworkMode) {
        guard case .attached(let before) = old, case .attached(let after) = new else {
            if old != new { changes.append("network_mode changed") }
            return
        }
        compareItems("networks", before, after, named: \.network)
    }

    private mutating func compareHealthcheck(_ old: Healthcheck?, _ new: Healthcheck?) {
        guard let old, let new else {
            if old != new { changes.append("healthcheck \(new == nil ? "removed" : "added")") }
            return
        }
        if old.command != new.command { changes.append("healthcheck.test changed") }
        if old.outside != new.outside { changes.append("x-berth.healthcheck changed") }
        compare("healthcheck.interval", old.interval, new.interval)
        compare("healthcheck.timeout", old.timeout, new.timeout)
        compare("healthcheck.start_period", old.startPeriod, new.startPeriod)
        compare("healthcheck.start_interval", old.startInterval, new.startInterval)
        compare("healthcheck.retries", old.retries, new.retries)
    }
}

extension SpecDifference {
    private mutating func compare<Value: Equatable>(_ field: String, _ old: Value, _ new: Value) {
        if old != new { changes.append("\(field): \(shown(old)) → \(shown(new))") }
    }

    /// Text in quotes, so that an empty one is seen.
    private func shown<Value>(_ value: Value) -> String {
        value is String ? "\"\(value)\"" : "\(value)"
    }

    private mutating func compare<Value: Equatable>(
        _ field: String,
        _ old: Value?,
        _ new: Value?
    ) {
        switch (old, new) {
        case (nil, nil): break
        case (let old?, let new?): compare(field, old, new)
        case (nil, let new?): changes.append("\(field) added (\(shown(new)))")
        case (let old?, nil): changes.append("\(field) removed (was \(shown(old)))")
        }
    }

    private mutating func compareFlag(_ field: String, _ old: Bool, _ new: Bool) {
        if old != new { changes.append("\(field) is \(new ? "on" : "off") now") }
    }

    /// Compares lists of things that have a name each.
    private mutating func compareItems<Item: Equatable>(
        _ field: String,
        _ old: [Item],
        _ new: [Item],
        named name: (Item) -> String
    ) {
        compareItems(field, old, new, named: name, same: ==)
    }

    private mutating func compareItems<Item>(
        _ field: String,
        _ old: [Item],
        _ new: [Item],
        named name: (Item) -> String,
        same: (Item, Item) -> Bool,
        shown: (Item) -> String? = { _ in nil }
    ) {
        let before = Dictionary(old.map { (name($0), $0) }, uniquingKeysWith: { $1 })
        let after = Dictionary(new.map { (name($0), $0) }, uniquingKeysWith: { $1 })
        let found = changes.count
        for key in Set(before.keys).union(after.keys).sorted() {
            switch (before[key], after[key]) {
            case (nil, _): changes.append("\(field).\(key) added")
            case (_, nil): changes.append("\(field).\(key) removed")
            case (let old?, let new?):
                if same(old, new) { continue }
                if let before = shown(old), let after = shown(new) {
                    changes.append("\(field).\(key): \(before) → \(after)")
                } else {
                    changes.append("\(field).\(key) changed")
                }
            }
        }
        let reordered =
            old.count != new.count || zip(old, new).contains { name($0) != name($1) }
        if changes.count == found, reordered {
            changes.append("\(field) in another order")
        }
    }

    /// One `NAME=value`.
    private struct Variable: Equatable {
        var name: String
        var value: Substring

        init(_ entry: String) {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            name = String(parts[0])
            value = parts.count > 1 ? parts[1] : ""
        }
    }
}

extension MountSpec {
    fileprivate var given: GivenFile? {
        if case .given(let file) = source { file } else { nil }
    }

    /// `db_password`, and where it is mounted when that is not where one of its name is.
    fileprivate var givenName: String {
        guard let given else { return "" }
        let usual = ["/\(given.name)", "/run/secrets/\(given.name)"].contains(target)
        return usual ? given.name : "\(given.name) at \(target)"
    }
}

extension GivenFile {
    /// Whatever is in it.
    fileprivate var without: GivenFile { GivenFile(kind, name, origin, digest: nil) }
}

extension PortBinding {
    /// `127.0.0.1:8080->80/tcp`.
    fileprivate var text: String {
        let host = hostRange?.description ?? hostPort.map { "\($0)" } ?? ""
        return "\(hostAddress):\(host)->\(containerPort)/\(transport.rawValue)"
    }
}

extension RestartPolicy {
    /// As the compose file says it.
    var text: String {
        switch self {
        case .no: "no"
        case .always: "always"
        case .onFailure(nil): "on-failure"
        case .onFailure(let maximum?): "on-failure:\(maximum)"
        case .unlessStopped: "unless-stopped"
        }
    }
}
