/// A profile held against one container and one machine: plain rules without conditions.
struct SeccompPolicy: Hashable, Sendable {
    enum Action: Hashable, Sendable {
        case allow, log, trap, killThread, killProcess
        case fail(errno: UInt32)
        case trace(UInt32)

        /// Whether a call goes through.
        var isPermissive: Bool {
            switch self {
            case .allow, .log: true
            case .trap, .killThread, .killProcess, .fail, .trace: false
            }
        }
    }

    struct Rule: Hashable, Sendable {
        var names: [String]
        var action: Action
        /// All must hold; on different arguments.
        var arguments: [SeccompProfile.Argument]
    }

    var defaultAction: Action
    /// libseccomp's words (`x86_64`), the machine's own first.
    var architectures: [String]
    var rules: [Rule]
    /// Every name the profile speaks of, also where its conditions do not hold: what is beyond
    /// these is newer than the profile.
    var knownNames: Set<String>

    /// The facts that conditions ask for.
    struct Circumstances: Hashable, Sendable {
        /// In Go's words: `amd64`, `arm64`.
        var architecture: String
        /// The container's bounding set.
        var capabilities: Set<String>
        var kernel: KernelVersion
    }

    init(_ profile: SeccompProfile, in circumstances: Circumstances) throws(RuntimeError) {
        defaultAction = try Self.action(profile.defaultAction, profile.defaultErrnoRet)
        architectures = Self.architectures(profile, native: circumstances.architecture)
        knownNames = Set(profile.entries.flatMap(\.calls))
        rules = []
        for entry in profile.entries where try entry.applies(in: circumstances) {
            let arguments = entry.args ?? []
            guard Set(arguments.map(\.index)).count == arguments.count else {
                let name = entry.calls.first ?? ""
                throw SeccompProfile.error("two conditions on one argument of \(name)")
            }
            let action = try Self.action(entry.action, entry.errnoRet)
            rules.append(Rule(names: entry.calls, action: action, arguments: arguments))
        }
    }

    private static func action(_ word: String, _ value: UInt32?) throws(RuntimeError) -> Action {
        switch word {
        case "SCMP_ACT_ALLOW": .allow
        case "SCMP_ACT_LOG": .log
        case "SCMP_ACT_TRAP": .trap
        case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD": .killThread
        case "SCMP_ACT_KILL_PROCESS": .killProcess
        case "SCMP_ACT_ERRNO": .fail(errno: value ?? 1)
        case "SCMP_ACT_TRACE": .trace(value ?? 1)
        default: throw SeccompProfile.error("action \"\(word)\" is not supported")
        }
    }

    /// The machine's own architecture and those whose programs it runs beside.
    private static func architectures(
        _ profile: SeccompProfile,
        native: String
    ) -> [String] {
        let word = { (name: String) in name.replacing("SCMP_ARCH_", with: "").lowercased() }
        let own = libseccompNames[native] ?? native
        if let family = profile.archMap?.first(where: { word($0.architecture) == own }) {
            return [own] + (family.subArchitectures ?? []).map(word)
        }
        let listed = (profile.architectures ?? []).map(word)
        return [own] + listed.filter { $0 != own }
    }

    private static let libseccompNames = ["amd64": "x86_64", "arm64": "aarch64"]
}

extension SeccompProfile.Entry {
    /// Whether every condition of `includes` holds and none of `excludes`.
    fileprivate func applies(
        in circumstances: SeccompPolicy.Circumstances
    ) throws(RuntimeError) -> Bool {
        if let includes {
            guard circumstances.capabilities.isSuperset(of: includes.caps ?? []) else {
                return false
            }
            if let arches = includes.arches, !arches.isEmpty,
                !arches.contains(circumstances.architecture)
            {
                return false
            }
            if let least = try includes.kernel, circumstances.kernel < least { return false }
        }
        if let excludes {
            if !circumstances.capabilities.isDisjoint(with: excludes.caps ?? []) { return false }
            if (excludes.arches ?? []).contains(circumstances.architecture) { return false }
            if let least = try excludes.kernel, circumstances.kernel >= least { return false }
        }
        return true
    }
}

extension SeccompProfile.Condition {
    fileprivate var kernel: KernelVersion? {
        get throws(RuntimeError) {
            guard let text = minKernel, !text.isEmpty else { return nil }
            guard let version = KernelVersion(text) else {
                throw SeccompProfile.error("\"minKernel\" is not a version: \"\(text)\"")
            }
            return version
        }
    }
}
