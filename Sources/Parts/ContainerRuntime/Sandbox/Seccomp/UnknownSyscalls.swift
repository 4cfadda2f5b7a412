import CLinux
import Glibc

/// The head of a filter: system calls newer than the profile fail with ENOSYS, as on a kernel that
/// does not have them, so that programs fall back to older ones. EPERM would break them.
enum UnknownSyscalls {
    struct Architecture: Hashable, Sendable {
        /// AUDIT_ARCH_*.
        var audit: UInt32
        /// x32: the numbers of the same AUDIT_ARCH with bit 30 set.
        var isX32: Bool
        var lastKnown: UInt32

        /// Takes libseccomp's name; nil for one whose AUDIT_ARCH is not in the table: unknown calls
        /// of those get the default action.
        init?(_ name: String, lastKnown: UInt32) {
            guard let audit = Self.auditNumbers[name] else { return nil }
            self.audit = audit
            isX32 = name == "x32"
            self.lastKnown = lastKnown
        }

        // <linux/audit.h>: the ELF machine, 0x80000000 for 64 bits, 0x40000000 for little endian.
        private static let auditNumbers: [String: UInt32] = [
            "x86_64": 0xC000_003E, "x32": 0xC000_003E, "x86": 0x4000_0003,
            "aarch64": 0xC000_00B7, "arm": 0x4000_0028, "riscv64": 0xC000_00F3,
            "s390x": 0x8000_0016, "s390": 0x0000_0016, "ppc64le": 0xC000_0015,
        ]
    }

    /// Instructions to put before a filter; a call that may be known runs on into it.
    static func stub(_ architectures: [Architecture?]) -> [UInt64] {
        let known = architectures.compactMap(\.self)
        let x32 = known.first(where: \.isX32)
        let blocks = known.filter { !$0.isX32 }.map { architecture in
            block(architecture, x32: architecture.audit == x32?.audit ? x32 : nil)
        }
        var program = [load(architectureOffset)]
        var rest = blocks.reduce(0) { $0 + $1.count }
        for block in blocks {
            rest -= block.count
            // The jump out of a block goes over all later ones.
            program += block.map { $0 == leave ? leave | UInt64(rest + 1) << 32 : $0 }
        }
        return program
    }

    private static func block(_ own: Architecture, x32: Architecture?) -> [UInt64] {
        let body: [UInt64]
        if let x32 {
            body = [
                load(numberOffset),
                jump(BPF_JGE, x32Bit, ifTrue: 1, ifFalse: 0),
                jump(BPF_JGT, own.lastKnown, ifTrue: 2, ifFalse: 1),
                jump(BPF_JGT, x32.lastKnown, ifTrue: 1, ifFalse: 0),
                leave,
                failENOSYS,
            ]
        } else {
            body = [
                load(numberOffset),
                jump(BPF_JGT, own.lastKnown, ifTrue: 1, ifFalse: 0),
                leave,
                failENOSYS,
            ]
        }
        return [jump(BPF_JEQ, own.audit, ifTrue: 0, ifFalse: UInt8(body.count))] + body
    }

    // struct seccomp_data
    private static let numberOffset: UInt32 = 0
    private static let architectureOffset: UInt32 = 4
    private static let x32Bit: UInt32 = 0x4000_0000

    /// The last instruction of a block is the failing one, so the way out is over that one and
    /// over the blocks behind.
    private static let leave = instruction(BPF_JMP | BPF_JA, 0)
    private static let failENOSYS = instruction(
        BPF_RET | BPF_K,
        UInt32(SECCOMP_RET_ERRNO) | UInt32(ENOSYS)
    )

    private static func load(_ offset: UInt32) -> UInt64 {
        instruction(BPF_LD | BPF_W | BPF_ABS, offset)
    }

    private static func jump(
        _ test: Int32,
        _ value: UInt32,
        ifTrue: UInt8,
        ifFalse: UInt8
    ) -> UInt64 {
        instruction(BPF_JMP | test | BPF_K, value) | UInt64(ifTrue) << 16 | UInt64(ifFalse) << 24
    }

    private static func instruction(_ code: Int32, _ value: UInt32) -> UInt64 {
        UInt64(code) | UInt64(value) << 32
    }
}
