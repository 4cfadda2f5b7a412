import Addresses
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
        if let refusal = swapRefusal(
            memory: origins["mem_limit"]?.value,
            swap: origins["memswap_limit"]?.value
        ) {
            throw failure(refusal, "", "--memory-swap")
        }
    }

    /// `-m, --memory` is `--memory`.
    private static func name(_ flag: String) -> String {
        flag.split(separator: " ").last.map(String.init) ?? flag
    }

    private static func failure(_ refusal: Refusal, _ value: String, _ flag: String) -> Failure {
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
            value.contains(where: { ":=".contains($0) })
                ? nil : .argument("bad format for add-host: \"\(value)\"")
        case "--expose": exposed(value)
        case "--health-interval", "--health-timeout", "--health-start-period",
            "--health-start-interval":
            GoDuration.parse(value) == nil ? .argument("time: invalid duration \"\(value)\"") : nil
        case "--health-retries":
            value.hasPrefix("-") ? .plain("--health-retries cannot be negative") : nil
        case "--tmpfs": path(value)
        default: nil
        }
    }
}

// MARK: Limits

extension DockerValueRules {
    /// The least that docker gives a container.
    private static let leastMemory = 6.0 * 1024 * 1024

    private static func size(_ value: String, _ flag: String) -> Refusal? {
        if flag == "--memory-swap", value == "-1" { return nil }
        guard let bytes = Self.bytes(value) else { return .argument("invalid size: '\(value)'") }
        if flag == "--memory", bytes > 0, bytes < leastMemory {
            return .engine("Minimum memory limit allowed is 6MB")
        }
        return nil
    }

    /// `64m`, `1.5GiB`: binary units, whatever they are called (go-units, RAMInBytes).
    static func bytes(_ text: String) -> Double? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        var unit = text.dropFirst(number.count).lowercased()[...]
        if unit.first == " " { unit = unit.dropFirst() }
        guard let value = Double(number), number.first != "." else { return nil }
        if unit.isEmpty || unit == "b" { return value }
        let letters: [Character] = ["k", "m", "g", "t", "p"]
        guard let letter = unit.first, let power = letters.firstIndex(of: letter),
            ["", "b", "ib"].contains(unit.dropFirst())
        else { return nil }
        return (0...power).reduce(value) { size, _ in size * 1024 }
    }

    /// A limit of memory and swap needs one of memory, and is not less than that.
    static func swapRefusal(memory: String?, swap: String?) -> Refusal? {
        guard let swap, let both = bytes(swap), both > 0 else { return nil }
        guard let memory, let limit = bytes(memory), limit > 0 else {
            return .engine(
                "You should always set the Memory limit when using Memoryswap limit, see usage"
            )
        }
        guard both < limit else { return nil }
        return .engine(
            "Minimum memoryswap limit should be larger than memory limit, see usage"
        )
    }

    /// A decimal number or a fraction, and not more than there are.
    private static func processors(_ value: String) -> Refusal? {
        let parts = value.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Double($0) }
        guard numbers.count == parts.count, parts.count <= 2, parts.count == 1 || numbers[1] != 0
        else { return .argument("failed to parse \(value) as a rational number") }
        let wanted = parts.count == 1 ? numbers[0] : numbers[0] / numbers[1]
        let present = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        guard wanted < 0 || wanted > Double(present) else { return nil }
        return .engine(
            "range of CPUs is from 0.01 to \(present).00, as there are only \(present) CPUs "
                + "available"
        )
    }

    /// `0-2,7`: those that there are.
    private static func listed(
        _ value: String,
        _ noun: String,
        _ what: String,
        in file: String
    ) -> Refusal? {
        guard let wanted = numbers(value) else {
            return .engine("Invalid value \(value) for cpuset \(noun)")
        }
        let path = FilePath("/sys/devices/system/\(file)")
        // `try?`: where the kernel does not say, it refuses what it does not have at the start.
        guard let bytes = try? readFile(path, limit: 4096) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        guard let present = numbers(String(line)), !wanted.isSubset(of: present) else { return nil }
        return .engine(
            "Requested \(what) are not available - requested \(value), available: \(line)"
        )
    }

    /// The numbers of a list as the kernel writes it, none above 8191.
    private static func numbers(_ text: String) -> Set<Int>? {
        var numbers: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, ends.count <= 2, first >= 0,
                first <= last, last < 8192,
                ends.count == part.split(separator: "-", omittingEmptySubsequences: false).count
            else { return nil }
            numbers.formUnion(first...last)
        }
        return numbers
    }

    private static func number(_ value: String) -> Refusal? {
        guard Int64(value) == nil else { return nil }
        return .argument("strconv.ParseInt: parsing \"\(value)\": invalid syntax")
    }

    private static func swappiness(_ value: String) -> Refusal? {
        guard let number = Int64(value) else { return Self.number(value) }
        guard number < -1 || number > 100 else { return nil }
        return .plain("invalid value: \(number). Valid memory swappiness range is 0-100")
    }

    private static func score(_ value: String) -> Refusal? {
        guard let number = Int64(value) else { return Self.number(value) }
        guard number < -1000 || number > 1000 else { return nil }
        return .engine(
            "Invalid value \(number), range for oom score adj is [-1000, 1000]"
        )
    }
}

// MARK: Everything else

extension DockerValueRules {
    private static func mode(_ value: String, _ flag: String) -> Refusal? {
        let isOther = value.hasPrefix("container:") && value.count > "container:".count
        switch flag {
        case "--pid": return value == "host" || isOther ? nil : .plain("--pid: invalid PID mode")
        case "--uts": return value == "host" ? nil : .plain("--uts: invalid UTS mode")
        case "--userns": return value == "host" ? nil : .plain("--userns: invalid USER mode")
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
        guard parts.count <= 3 else { return .plain("invalid device specification: \(value)") }
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
        if securityOptions.contains(String(key)) { return nil }
        return key.count == value.count
            ? .plain("Invalid --security-opt: \"\(value)\"")
            : .engine("invalid --security-opt 2: \"\(value)\"")
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
