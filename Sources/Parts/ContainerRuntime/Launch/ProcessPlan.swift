import CLinux
import Glibc

/// A program to execute with everything decided: what the keeper is told of it.
struct ProcessPlan {
    var process: ProcessSpec
    var environment: [String]
    /// Where to look for the program, in order.
    var candidates: [String]
    var limits: [keeper_limit]
    var limitNames: [String]

    /// Docker adds PATH, HOSTNAME and, for a terminal, TERM before, and HOME after what the image
    /// and the user say.
    init(
        _ process: ProcessSpec,
        hostname: String,
        home: String,
        hasTerminal: Bool,
        container: String
    ) throws {
        guard let program = process.arguments.first, !program.isEmpty else {
            throw RuntimeError(
                container: container,
                message: "there is no command to run",
                exitCode: 127
            )
        }
        // The keeper would enter it from wherever it is.
        guard process.workingDirectory.hasPrefix("/") else {
            throw RuntimeError(
                container: container,
                message:
                    "the working directory \(process.workingDirectory) is not an absolute path",
                exitCode: 128
            )
        }
        self.process = process
        var environment = process.environment
        let has = { (name: String) in environment.contains { $0.hasPrefix("\(name)=") } }
        let (hasPath, hasHostname, hasHome) = (has("PATH"), has("HOSTNAME"), has("HOME"))
        if hasTerminal && !has("TERM") { environment.insert("TERM=xterm", at: 0) }
        if !hasHostname { environment.insert("HOSTNAME=\(hostname)", at: 0) }
        if !hasPath { environment.insert("PATH=\(ProcessSpec.defaultPath)", at: 0) }
        if !hasHome { environment.append("HOME=\(home)") }
        self.environment = environment
        candidates = Self.candidates(program, environment)
        limits = []
        limitNames = []
        for limit in Self.withDefaults(process.resourceLimits) {
            guard let number = LimitDefaults.numbers[limit.0.name] else {
                throw RuntimeError(
                    container: container,
                    message: "there is no limit called \(limit.0.name)"
                )
            }
            limits.append(
                keeper_limit(
                    resource: number,
                    is_default: limit.isDefault ? 1 : 0,
                    soft: limit.0.soft,
                    hard: limit.0.hard
                )
            )
            limitNames.append(limit.0.name)
        }
    }

    /// Elements of PATH that are not absolute would depend on the working directory: skipped.
    private static func candidates(_ program: String, _ environment: [String]) -> [String] {
        if program.contains("/") { return [program] }
        let path = environment.last { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ""
        return path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(program)" }
    }

    private static func withDefaults(
        _ limits: [ResourceLimit]
    ) -> [(ResourceLimit, isDefault: Bool)] {
        let missing = LimitDefaults.all.filter { wanted in
            !limits.contains { $0.name == wanted.name }
        }
        return limits.map { ($0, false) } + missing.map { ($0, true) }
    }
}

extension SpecBuilder {
    /// Writes down the program, who runs it and what it may do.
    mutating func set(_ plan: ProcessPlan, _ identity: UserIdentity, _ sandbox: ProcessSandbox) {
        fields.arguments = texts(plan.process.arguments)
        fields.environment = texts(plan.environment)
        fields.candidates = texts(plan.candidates)
        fields.working_directory = text(plan.process.workingDirectory)
        fields.limits = list(plan.limits)
        fields.user = identity.uid
        fields.group = identity.gid
        fields.supplementary_groups = list(identity.groups)
        fields.capabilities = sandbox.grant.mask
        fields.filter = list(sandbox.filter)
        fields.app_armor = text(sandbox.appArmor)
        if sandbox.noNewPrivileges { fields.flags |= UInt32(KEEPER_NO_NEW_PRIVILEGES) }
    }
}

extension StageWords {
    /// Remembers how the program, its user and its limits are called.
    mutating func set(_ plan: ProcessPlan, user: String) {
        program = plan.process.arguments.first ?? ""
        workingDirectory = plan.process.workingDirectory
        limits = plan.limitNames
        self.user = user.isEmpty ? "root" : user
    }
}
