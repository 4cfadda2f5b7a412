import CSeccomp
import Glibc
import Linux

/// Turns a policy into a filter with libseccomp.
struct SeccompCompiler: ~Copyable {
    private let context: scmp_filter_ctx
    private let policy: SeccompPolicy

    deinit { seccomp_release(context) }

    static func compile(_ policy: SeccompPolicy) throws(RuntimeError) -> SeccompFilter {
        guard let context = seccomp_init(number(policy.defaultAction)) else {
            throw SeccompProfile.error("libseccomp does not take the default action")
        }
        let compiler = SeccompCompiler(context: context, policy: policy)
        try compiler.configure()
        let architectures = try compiler.addArchitectures()
        for rule in policy.rules { try compiler.add(rule) }
        let program = try compiler.export()
        // A profile that allows what it does not name allows what is newer, too.
        if policy.defaultAction.isPermissive { return SeccompFilter(instructions: program) }
        let stub = UnknownSyscalls.stub(
            architectures.map { name, token in
                UnknownSyscalls.Architecture(name, lastKnown: lastNumber(policy.knownNames, token))
            }
        )
        return SeccompFilter(instructions: stub + program)
    }

    private init(context: scmp_filter_ctx, policy: SeccompPolicy) {
        self.context = context
        self.policy = policy
    }

    private borrowing func configure() throws(RuntimeError) {
        // no_new_privs is the caller's decision, not the filter's.
        try set(SCMP_FLTATR_CTL_NNP, 0)
        // A program of another architecture sees a kernel without system calls.
        try set(SCMP_FLTATR_ACT_BADARCH, Self.number(.fail(errno: UInt32(ENOSYS))))
        // A binary tree instead of a list of four hundred comparisons; since libseccomp 2.5.
        try set(SCMP_FLTATR_CTL_OPTIMIZE, 2)
    }

    private borrowing func set(
        _ attribute: scmp_filter_attr,
        _ value: UInt32
    ) throws(RuntimeError) {
        try Self.check(
            seccomp_attr_set(context, attribute, value),
            "attribute \(attribute.rawValue)"
        )
    }

    /// Adds the architectures besides the machine's own, which is there already.
    private borrowing func addArchitectures() throws(RuntimeError) -> [(String, UInt32)] {
        var added: [(String, UInt32)] = []
        for name in policy.architectures {
            let token = seccomp_arch_resolve_name(name)
            // A profile may name one that this libseccomp does not have.
            guard token != 0 else { continue }
            let code = seccomp_arch_add(context, token)
            if code != -EEXIST { try Self.check(code, "architecture \(name)") }
            added.append((name, token))
        }
        return added
    }

    private borrowing func add(_ rule: SeccompPolicy.Rule) throws(RuntimeError) {
        // libseccomp refuses a rule that says what happens anyway.
        if rule.action == policy.defaultAction { return }
        let action = Self.number(rule.action)
        let conditions = try rule.arguments.map { argument throws(RuntimeError) in
            scmp_arg_cmp(
                arg: argument.index,
                op: try Self.comparison(argument.op),
                datum_a: argument.value,
                datum_b: argument.valueTwo ?? 0
            )
        }
        for name in rule.names {
            let number = seccomp_syscall_resolve_name(name)
            // A name newer than this libseccomp, or of another architecture.
            if number == __NR_SCMP_ERROR { continue }
            let code = seccomp_rule_add_array(
                context,
                action,
                number,
                UInt32(conditions.count),
                conditions
            )
            try Self.check(code, name)
        }
    }

    private borrowing func export() throws(RuntimeError) -> [UInt64] {
        do throws(SyscallError) {
            let file = try Memfd.empty("seccomp")
            let code = file.with { seccomp_export_bpf(context, $0) }
            if code < 0 {
                throw SyscallError(call: "seccomp_export_bpf", subject: "", errno: -code)
            }
            _ = try file.with { fd throws(SyscallError) in
                try syscall("lseek") { lseek(fd, 0, SEEK_SET) }
            }
            let bytes = try file.readToEnd(limit: 1 << 20)
            return bytes.withUnsafeBytes { buffer in
                (0..<buffer.count / 8).map {
                    buffer.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)
                }
            }
        } catch {
            throw SeccompProfile.error("\(error)")
        }
    }

    /// The number of a call on an architecture by libseccomp's name; nil where there is none.
    static func number(of name: String, on architecture: String) -> UInt32? {
        number(of: name, seccomp_arch_resolve_name(architecture))
    }

    private static func number(of name: String, _ token: UInt32) -> UInt32? {
        let number = seccomp_syscall_resolve_name_arch(token, name)
        // Negative numbers are libseccomp's own, for calls the architecture does not have.
        return number < 0 ? nil : UInt32(number)
    }

    private static func lastNumber(_ names: Set<String>, _ token: UInt32) -> UInt32 {
        names.compactMap { number(of: $0, token) }.max() ?? .max
    }

    private static func number(_ action: SeccompPolicy.Action) -> UInt32 {
        switch action {
        case .allow: SCMP_ACT_ALLOW
        case .log: SCMP_ACT_LOG
        case .trap: SCMP_ACT_TRAP
        case .killThread: SCMP_ACT_KILL_THREAD
        case .killProcess: SCMP_ACT_KILL_PROCESS
        case .fail(let errno): 0x0005_0000 | errno & 0xFFFF  // SCMP_ACT_ERRNO()
        case .trace(let value): 0x7FF0_0000 | value & 0xFFFF  // SCMP_ACT_TRACE()
        }
    }

    private static func comparison(_ word: String) throws(RuntimeError) -> scmp_compare {
        switch word {
        case "SCMP_CMP_NE": SCMP_CMP_NE
        case "SCMP_CMP_LT": SCMP_CMP_LT
        case "SCMP_CMP_LE": SCMP_CMP_LE
        case "SCMP_CMP_EQ": SCMP_CMP_EQ
        case "SCMP_CMP_GE": SCMP_CMP_GE
        case "SCMP_CMP_GT": SCMP_CMP_GT
        case "SCMP_CMP_MASKED_EQ": SCMP_CMP_MASKED_EQ
        default: throw SeccompProfile.error("comparison \"\(word)\" is not supported")
        }
    }

    /// libseccomp's functions return a negative errno.
    private static func check(_ code: CInt, _ subject: String) throws(RuntimeError) {
        if code < 0 {
            let error = SyscallError(call: "libseccomp", subject: subject, errno: -code)
            throw SeccompProfile.error("\(error)")
        }
    }
}
