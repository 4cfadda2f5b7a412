import CLinux
import Glibc
import Linux

/// Device rules for cgroup v2: a BPF program of type CGROUP_DEVICE that gives 1 for what is allowed.
enum DeviceProgram {
    /// The kernel's instructions, each in its eight bytes. Context: `struct bpf_cgroup_dev_ctx`,
    /// which is access << 16 | kind, major, minor.
    static func instructions(_ rules: [DeviceRule]) -> [UInt64] {
        var program: [UInt64] = [
            load(word: 0, into: kind),
            move(from: kind, to: access),
            alu(BPF_AND, kind, 0xFFFF),
            alu(BPF_RSH, access, 16),
            load(word: 4, into: major),
            load(word: 8, into: minor),
        ]
        for rule in rules { program += instructions(rule) }
        return program + leave(with: 0)
    }

    /// One rule: any test that fails jumps behind the rule.
    private static func instructions(_ rule: DeviceRule) -> [UInt64] {
        var tests: [[UInt64]] = []
        switch rule.kind {
        case .all: break
        case .block: tests.append([jumpUnless(kind, equals: UInt32(BPF_DEVCG_DEV_BLOCK))])
        case .character: tests.append([jumpUnless(kind, equals: UInt32(BPF_DEVCG_DEV_CHAR))])
        }
        let all: DeviceRule.Access = [.read, .write, .mknod]
        if rule.access != all {
            // Nothing may be asked for that the rule does not give.
            tests.append([jumpIf(access, has: all.subtracting(rule.access).rawValue)])
        }
        if let number = rule.major { tests.append([jumpUnless(major, equals: number)]) }
        if let number = rule.minor { tests.append([jumpUnless(minor, equals: number)]) }
        let body = tests.flatMap { $0 } + leave(with: 1)
        return body.enumerated().map { index, instruction in
            index < tests.count ? instruction | UInt64(body.count - index - 1) << 16 : instruction
        }
    }

    /// Loads the program and attaches it to an open cgroup directory, next to those above it.
    static func attach(_ rules: [DeviceRule], to cgroup: SharedFD) throws(SyscallError) {
        let program = try load(instructions(rules))
        try cgroup.with { cgroup throws(SyscallError) in
            try program.with { program throws(SyscallError) in
                _ = try syscall("bpf", on: "BPF_PROG_ATTACH") {
                    berth_bpf_attach_device_program(cgroup, program, UInt32(BPF_F_ALLOW_MULTI))
                }
            }
        }
    }

    private static func load(_ program: [UInt64]) throws(SyscallError) -> OwnedFD {
        OwnedFD(
            taking: try syscall("bpf", on: "BPF_PROG_LOAD") {
                berth_bpf_load_device_program(program, UInt32(program.count), nil, 0)
            }
        )
    }

    // Registers: 0 is the result, 1 the context.
    private static let kind: UInt64 = 2
    private static let access: UInt64 = 3
    private static let major: UInt64 = 4
    private static let minor: UInt64 = 5

    private static func instruction(
        _ code: Int32,
        to: UInt64,
        from: UInt64 = 0,
        offset: UInt64 = 0,
        value: UInt32 = 0
    ) -> UInt64 {
        UInt64(code) | to << 8 | from << 12 | offset << 16 | UInt64(value) << 32
    }

    private static func load(word offset: UInt64, into register: UInt64) -> UInt64 {
        instruction(BPF_LDX | BPF_MEM | BPF_W, to: register, from: 1, offset: offset)
    }

    private static func move(from source: UInt64, to target: UInt64) -> UInt64 {
        instruction(BPF_ALU | BPF_MOV | BPF_X, to: target, from: source)
    }

    private static func alu(_ operation: Int32, _ register: UInt64, _ value: UInt32) -> UInt64 {
        instruction(BPF_ALU | operation | BPF_K, to: register, value: value)
    }

    private static func jumpUnless(_ register: UInt64, equals value: UInt32) -> UInt64 {
        instruction(BPF_JMP32 | BPF_JNE | BPF_K, to: register, value: value)
    }

    private static func jumpIf(_ register: UInt64, has bits: UInt32) -> UInt64 {
        instruction(BPF_JMP32 | BPF_JSET | BPF_K, to: register, value: bits)
    }

    private static func leave(with value: UInt32) -> [UInt64] {
        [
            instruction(BPF_ALU | BPF_MOV | BPF_K, to: 0, value: value),
            instruction(BPF_JMP | BPF_EXIT, to: 0),
        ]
    }
}
