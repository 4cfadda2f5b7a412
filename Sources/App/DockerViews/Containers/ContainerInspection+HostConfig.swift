import Addresses
import ContainerRuntime
import Engine
import GoTemplate

extension ContainerInspection {
    /// What the host gives it and keeps from it.
    var hostConfig: GoValue {
        .object(
            sources + identity + isolation + resources + kernelPaths + annotations,
            unwritten: [
                ("Annotations", .nothing(.map)), ("StorageOpt", .nothing(.map)),
                ("Tmpfs", .nothing(.map)), ("Sysctls", .nothing(.map)), ("Init", .null),
                ("Mounts", .nothing(.list)),
            ]
        )
    }

    typealias Members = [(key: String, value: GoValue)]

    /// Files, log, network, restart.
    private var sources: Members {
        [
            ("Binds", .stringsOrNull(binds)), ("ContainerIDFile", .string("")),
            (
                "LogConfig",
                .object([
                    ("Type", .string((spec.log.driver ?? .jsonFile).rawValue)),
                    ("Config", .strings(logOptions)),
                ])
            ), ("NetworkMode", .string(networkMode)), ("PortBindings", .map(GoMap(portBindings))),
            ("RestartPolicy", restartPolicy), ("AutoRemove", .bool(spec.isRemovedAtEnd == true)),
            ("VolumeDriver", .string("")), ("VolumesFrom", .stringsOrNull(volumesFrom)),
            ("ConsoleSize", .list([.integer(0), .integer(0)])),
        ]
    }

    /// As they were written, but for sizes, whose unit is the largest that divides them.
    private var logOptions: [String: String] {
        guard let bytes = spec.log.maximumFileBytes else { return [:] }
        let units: [(bytes: Int64, name: String)] = [
            (1_000_000_000, "g"), (1_000_000, "m"), (1000, "k"),
        ]
        let unit = units.first { bytes >= $0.bytes && bytes % $0.bytes == 0 } ?? (1, "")
        var options = ["max-size": "\(bytes / unit.bytes)\(unit.name)"]
        if spec.log.maximumFiles > 1 { options["max-file"] = "\(spec.log.maximumFiles)" }
        return options
    }

    private var volumesFrom: [String] {
        (spec.volumesFrom ?? []).map { $0.readOnly ? "\($0.container):ro" : $0.container }
    }

    /// Those of the default network; those of others are with the network.
    private var links: [String] {
        guard isOnDefaultNetwork else { return [] }
        return (spec.links ?? []).map { link in
            "/\(link.target.name):/\(container.record.name)/\(link.alias)"
        }
    }

    /// What it may do, and how it finds others.
    private var identity: Members {
        let defaults = Set(SecuritySpec().capabilities)
        // Of a privileged one they are not what was added.
        let isPrivileged = spec.security.privilege == .full
        let granted = isPrivileged ? defaults : Set(spec.security.capabilities)
        return [
            ("CapAdd", .stringsOrNull(granted.subtracting(defaults).sorted())),
            ("CapDrop", .stringsOrNull(defaults.subtracting(granted).sorted())),
            ("CgroupnsMode", .string(Self.mode(spec.namespaces?.cgroup, own: "private"))),
            ("Dns", .strings(spec.dns.servers)), ("DnsOptions", .strings(spec.dns.options)),
            ("DnsSearch", .strings(spec.dns.searchDomains)),
            (
                "ExtraHosts",
                .stringsOrNull(spec.extraHosts.map { "\($0.name):\($0.address)" })
            ), ("GroupAdd", .stringsOrNull(spec.process.supplementaryGroups)),
            ("IpcMode", .string(ipcMode)), ("Cgroup", .string("")),
            ("Links", .stringsOrNull(links)),
            ("OomScoreAdj", .integer(Int64(spec.resources.oomScoreAdjustment ?? 0))),
            ("PidMode", .string(Self.mode(spec.namespaces?.pid, own: ""))),
        ]
    }

    /// What stands between it and the host.
    private var isolation: Members {
        var members: Members = [
            ("Privileged", .bool(spec.security.privilege == .full)),
            ("PublishAllPorts", .bool(spec.asked?.publishesAllPorts ?? false)),
            ("ReadonlyRootfs", .bool(spec.readOnlyRoot)),
            ("SecurityOpt", .stringsOrNull(securityOptions)),
        ]
        let tmpfs = spec.mounts.compactMap { mount -> (key: String, value: GoValue)? in
            guard case .tmpfs(let size, let mode) = mount.source, !isLong(mount) else { return nil }
            let options = [
                size.map { "size=\($0)" }, mode.map { "mode=\(String($0, radix: 8))" },
            ]
            let all = options.compactMap(\.self) + (mount.tmpfsOptions ?? [])
            return (mount.target, .string(all.joined(separator: ",")))
        }
        if !tmpfs.isEmpty { members.append(("Tmpfs", .map(GoMap(tmpfs)))) }
        members += [
            ("UTSMode", .string(Self.mode(spec.namespaces?.uts, own: ""))),
            ("UsernsMode", .string(spec.asked?.users ?? spec.namespaces?.users?.rawValue ?? "")),
            ("ShmSize", .integer(spec.shmSizeBytes)),
        ]
        if let sysctls = spec.sysctls {
            let values = Dictionary(sysctls.map { ($0.name, $0.value) }) { $1 }
            members.append(("Sysctls", .strings(values)))
        }
        return members + [("Runtime", .string("runc")), ("Isolation", .string(""))]
    }

    /// What differs from the sandbox that every container has.
    private var securityOptions: [String] {
        let security = spec.security
        var options = security.noNewPrivileges ? ["no-new-privileges"] : []
        switch security.seccomp {
        case .dockerDefault: break
        case .unconfined:
            if security.privilege == nil || spec.asked?.isUnconfined == true {
                options.append("seccomp=unconfined")
            }
        case .profile(let json): options.append("seccomp=\(json)")
        }
        if let profile = security.appArmor { options.append("apparmor=\(profile)") }
        // As docker adds it to a privileged one.
        return options + (security.privilege == .full ? ["label=disable"] : [])
    }

    private var annotations: Members {
        spec.annotations.map { [("Annotations", .strings($0))] } ?? []
    }

    /// docker has no lists of a privileged one.
    private func paths(_ paths: [String]) -> GoValue {
        spec.security.privilege == .full ? .stringsOrNull(paths) : .strings(paths)
    }

    private var kernelPaths: Members {
        longMounts + [
            ("MaskedPaths", paths(spec.security.maskedPaths)),
            ("ReadonlyPaths", paths(spec.security.readOnlyPaths)),
        ] + (spec.usesInit ? [("Init", .bool(true))] : [])
    }
}

extension ContainerInspection {
    private var networkMode: String {
        switch spec.network {
        case .none: "none"
        case .host: "host"
        case .container(let name): "container:\(name)"
        // Where it is connected by now is with its networks.
        case .attached(let networks): spec.asked?.network ?? networks.first?.network ?? "none"
        }
    }

    /// As they were asked for: a port to be chosen has no number.
    private var portBindings: [(key: String, value: GoValue)] {
        let ports = Dictionary(grouping: spec.ports) {
            "\($0.containerPort)/\($0.transport.rawValue)"
        }
        return ports.sorted { $0.key < $1.key }.map { port, bindings in
            let places = bindings.map { binding in
                GoValue.object([
                    ("HostIp", .string(askedAddress(binding))),
                    (
                        "HostPort",
                        .string(
                            binding.hostPort.map { "\($0)" } ?? binding.hostRange?.description ?? ""
                        )
                    ),
                ])
            }
            return (port, .list(places))
        }
    }

    /// Nothing where every address was meant.
    private func askedAddress(_ binding: PortBinding) -> String {
        let isAny = binding.hostAddress == "0.0.0.0" && binding.isIPv4Alone != true
        return isAny ? "" : binding.hostAddress
    }

    private var restartPolicy: GoValue {
        let (name, retries): (String, Int) =
            switch spec.restart {
            case .no: ("no", 0)
            case .always: ("always", 0)
            case .unlessStopped: ("unless-stopped", 0)
            case .onFailure(let retries): ("on-failure", retries ?? 0)
            }
        return .object([
            ("Name", .string(name)), ("MaximumRetryCount", .integer(Int64(retries))),
        ])
    }

    private var ipcMode: String {
        guard let namespaces = spec.namespaces, case .own = namespaces.ipc else {
            return Self.mode(spec.namespaces?.ipc, own: "private")
        }
        return namespaces.memory.rawValue
    }

    private static func mode(_ source: NamespaceSource?, own: String) -> String {
        switch source {
        case .own, nil: own
        case .host: "host"
        case .container(let name): "container:\(name)"
        }
    }
}
