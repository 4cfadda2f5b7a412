import Addresses
import ContainerRuntime
import Glibc
import KernelNames
import Linux
import SystemPackage
import TextForms

/// What docker refuses of the values of flags, in docker's words. What is left of them has the grammar
/// of the compose file's attribute, and its words.
enum DockerValueRules {
    /// Who refuses: docker's flag parser, its command line, or its engine.
    enum Refusal: Equatable {
        case argument(String)
        case plain(String)
        case engine(String)
    }

    /// Throws the first refusal among what the flags say, in the order of the attributes' paths.
    static func check(_ origins: [String: FlaggedService.Origin]) throws {
        for (_, origin) in origins.sorted(by: { $0.key < $1.key }) {
            guard let value = origin.value, !value.isEmpty,
                let refusal = Self.refusal(of: value, flag: Self.name(origin.flag))
            else { continue }
            throw failure(refusal, value, origin.flag)
        }
        if let refusal = conflict(origins.compactMapValues(\.value)) {
            throw failure(refusal, "", "")
        }
    }

    /// `-m, --memory` is `--memory`.
    private static func name(_ flag: String) -> String {
        flag.split(separator: " ").last.map(String.init) ?? flag
    }

    /// The refusal as it is told.
    static func failure(_ refusal: Refusal, _ value: String, _ flag: String) -> Failure {
        switch refusal {
        case .argument(let reason): LimitFlags.mistake(value, of: flag, reason)
        case .plain(let reason): Failure(reason, exitCode: 125)
        case .engine(let reason): Failure(engine: reason)
        }
    }

    /// nil for a value that docker takes, and for a flag that has no rule here.
    static func refusal(of value: String, flag: String) -> Refusal? {
        switch flag {
        case "--memory", "--memory-reservation", "--memory-swap", "--shm-size":
            size(value, flag)
        case "--cpus": processors(value)
        case "--cpu-period", "--cpu-quota", "--cpu-shares", "--blkio-weight": share(value, flag)
        case "--cpuset-cpus": listed(value, "cpus", "CPUs", in: "cpu/online")
        case "--cpuset-mems": listed(value, "mems", "memory nodes", in: "node/has_memory")
        case "--pids-limit": number(value)
        case "--memory-swappiness": swappiness(value)
        case "--oom-score-adj": score(value)
        case "--pid", "--ipc", "--uts", "--userns", "--cgroupns": mode(value, flag)
        case "--device": device(value)
        case "--stop-signal": Signal(value) == nil ? .engine("invalid signal: \(value)") : nil
        case "--cap-add", "--cap-drop": capability(value, flag)
        case "--security-opt": security(value)
        case "--dns":
            IPAddress(value) == nil
                ? .argument("IP address is not correctly formatted: \(value)") : nil
        case "--add-host":
            host(value)
        case "--expose": exposed(value)
        case "--publish": PublishedPortRule.refusal(of: value)
        case "--volume": volume(value)
        case "--volumes-from": inherited(value)
        case "--link": link(value)
        case "--user": user(value)
        case "--mac-address":
            MACAddress(value) == nil ? .plain("\(value) is not a valid mac address") : nil
        case "--annotation":
            value.hasPrefix("=")
                ? .engine(
                    "invalid Annotations: the empty string is not permitted as an annotation key"
                ) : nil
        case "--device-cgroup-rule":
            DeviceRule(parsing: value) == nil
                ? .argument("invalid device cgroup format '\(value)'") : nil
        case "--health-interval", "--health-timeout", "--health-start-period",
            "--health-start-interval":
            duration(value, flag)
        case "--health-retries":
            value.hasPrefix("-") ? .plain("--health-retries cannot be negative") : nil
        case "--tmpfs": path(value)
        default: nil
        }
    }
}

// MARK: Everything else

extension DockerValueRules {
    private static func mode(_ value: String, _ flag: String) -> Refusal? {
        let isOther = value.hasPrefix("container:") && value.count > "container:".count
        switch flag {
        case "--pid": return value == "host" || isOther ? nil : .plain("--pid: invalid PID mode")
        case "--uts": return value == "host" ? nil : .plain("--uts: invalid UTS mode")
        case "--userns":
            return ["auto", "host"].contains(value) ? nil : .plain("--userns: invalid USER mode")
        case "--cgroupns":
            return ["host", "private"].contains(value)
                ? nil : .plain("--cgroupns: invalid CGROUP mode")
        default:
            return ["none", "private", "shareable", "host"].contains(value) || isOther
                ? nil : .engine("invalid IPC mode: \(value)")
        }
    }

    /// `path[:path][:rwm]`; a device of a CDI file is another matter.
    private static func device(_ value: String) -> Refusal? {
        guard !value.contains("=") else { return nil }
        let parts = value.split(separator: ":", omittingEmptySubsequences: false)
        func isMode(_ text: Substring) -> Bool {
            !text.isEmpty && text.allSatisfy { "rwm".contains($0) } && Set(text).count == text.count
        }
        guard parts.count <= 3 else { return .plain("bad format for path: \(value)") }
        if parts.count == 3, !isMode(parts[2]) {
            return .plain("bad mode specified: \(parts[2])")
        }
        if parts.count > 1, !isMode(parts[1]) || parts.count == 3, !parts[1].hasPrefix("/") {
            return .plain("\(parts[1]) is not an absolute path")
        }
        return nil
    }

    /// Why a device of `--device` that there is not cannot be had; nil for one that there is.
    static func missingDevice(_ value: String) -> String? {
        guard !value.contains("="), value.hasPrefix("/") else { return nil }
        let path = String(value.prefix { $0 != ":" })
        guard access(path, F_OK) != 0, errno == ENOENT else { return nil }
        return "error gathering device information while adding custom device \"\(path)\": "
            + "no such file or directory"
    }

    private static func capability(_ value: String, _ flag: String) -> Refusal? {
        guard Capability.Choice(value) == nil else { return nil }
        let name = value.uppercased()
        let list = flag == "--cap-add" ? "CapAdd" : "CapDrop"
        let full = name.hasPrefix("CAP_") ? name : "CAP_\(name)"
        return .engine("invalid \(list): unknown capability: \"\(full)\"")
    }

    private static let securityOptions: Set<String> = [
        "apparmor", "credentialspec", "label", "no-new-privileges", "seccomp", "systempaths",
        "writable-cgroups",
    ]

    private static func security(_ value: String) -> Refusal? {
        let key = value.prefix { !"=:".contains($0) }
        let word = value.dropFirst(key.count + 1)
        let isKnown = securityOptions.contains(String(key))
        if key.count == value.count, key != "no-new-privileges" {
            return .plain("Invalid --security-opt: \"\(value)\"")
        }
        let truths = ["no-new-privileges": Array(GoFlags.truth.keys)]
        let words = ["systempaths": ["unconfined"]].merging(truths) { $1 }[String(key)]
        let isTaken = words.map { key.count == value.count || $0.contains(String(word)) } ?? true
        if !isKnown || !isTaken { return .engine("invalid --security-opt 2: \"\(value)\"") }
        guard key == "seccomp", !["unconfined", "builtin"].contains(word),
            access(String(word), R_OK) != 0
        else { return nil }
        let reason = errno == EACCES ? "permission denied" : "no such file or directory"
        return .plain("opening seccomp profile (\(word)) failed: open \(word): \(reason)")
    }

    /// `80`, `80-90`, `53/udp`
    private static func exposed(_ value: String) -> Refusal? {
        let range = value.prefix { $0 != "/" }
        for end in range.split(separator: "-", omittingEmptySubsequences: false)
        where UInt16(end) == nil {
            let reason = UInt64(end) == nil ? "invalid syntax" : "value out of range"
            return .plain(
                "invalid range format for --expose: \(value), error: strconv.ParseUint: "
                    + "parsing \"\(end)\": \(reason)"
            )
        }
        return nil
    }

    private static func path(_ value: String) -> Refusal? {
        let path = value.prefix { $0 != ":" }
        guard !path.hasPrefix("/") else { return nil }
        return .engine("invalid mount path: '\(path)' mount path must be absolute")
    }
}
