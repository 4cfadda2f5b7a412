import CLinux
import Foundation
import Glibc
import KernelNames
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite("seccomp")
struct SeccompTests {
    static func policy(
        _ capabilities: [String] = Capability.dockerDefaults,
        architecture: String = "amd64",
        kernel: KernelVersion = KernelVersion(6, 1)
    ) throws -> SeccompPolicy {
        try SeccompPolicy(
            SeccompProfile(json: SeccompProfile.mobyDefault),
            in: SeccompPolicy.Circumstances(
                architecture: architecture,
                capabilities: Set(capabilities),
                kernel: kernel
            )
        )
    }

    static func allowed(_ policy: SeccompPolicy) -> Set<String> {
        Set(
            policy.rules.filter { $0.action == .allow && $0.arguments.isEmpty }.flatMap(\.names)
        )
    }

    @Test(
        "the embedded profile is moby's, unchanged",
        .enabled(if: Corpus.isPresent, "the corpus is not on this machine")
    )
    func unchanged() throws {
        let file = FilePath(try Corpus.url("seccomp/moby-default.json").path())
        let bytes = try readFile(file, limit: 1 << 20)
        #expect(String(decoding: bytes, as: UTF8.self) == SeccompProfile.mobyDefault)
    }

    @Test("with the default capabilities 367 calls are allowed and three under conditions")
    func defaults() throws {
        let policy = try Self.policy()
        let allowed = Self.allowed(policy)
        #expect(allowed.count == 367)
        let conditional = Set(policy.rules.filter { !$0.arguments.isEmpty }.flatMap(\.names))
        #expect(conditional == ["clone", "personality", "socket"])
        #expect(policy.architectures == ["x86_64", "x86", "x32"])
        #expect(policy.rules.contains { $0.names == ["clone3"] && $0.action == .fail(errno: 38) })
        for name in ["mount", "bpf", "unshare", "io_uring_setup", "keyctl", "userfaultfd"] {
            #expect(!allowed.contains(name))
        }
        #expect(
            allowed.isSuperset(of: ["chroot", "ptrace", "arch_prctl", "modify_ldt", "openat2"])
        )
    }

    @Test("capabilities, kernel and architecture unlock what they are for")
    func conditions() throws {
        let admin = Self.allowed(try Self.policy(["CAP_SYS_ADMIN"]))
        #expect(admin.isSuperset(of: ["mount", "clone", "clone3", "setns", "bpf"]))
        #expect(!admin.contains("chroot"))
        let old = Self.allowed(try Self.policy(kernel: KernelVersion(4, 7)))
        #expect(!old.contains("ptrace"))
        #expect(old.count == 364)
        let arm = try Self.policy(architecture: "arm64")
        #expect(arm.architectures == ["aarch64", "arm"])
        #expect(!Self.allowed(arm).contains("modify_ldt"))
    }

    @Test(
        "a profile that cannot be carried out is refused by what is wrong",
        arguments: [
            ("{", "invalid seccomp profile"),
            (#"{"defaultAction":"SCMP_ACT_NOTIFY","syscalls":[]}"#, "SCMP_ACT_NOTIFY"),
            (
                #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[],"listenerPath":"/x"}"#,
                "listenerPath"
            ),
            (
                #"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[],"flags":["SECCOMP_FILTER_FLAG_LOG"]}"#,
                "SECCOMP_FILTER_FLAG_LOG"
            ),
            (
                #"""
                {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["socket"],
                "action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"op":"SCMP_CMP_EQ"},
                {"index":0,"value":2,"op":"SCMP_CMP_EQ"}]}]}
                """#, "two conditions on one argument of socket"
            ),
            (
                #"""
                {"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["socket"],
                "action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":1,"op":"BIGGER"}]}]}
                """#, "BIGGER"
            ),
        ]
    )
    func refuses(json: String, words: String) {
        let error = #expect(throws: RuntimeError.self) {
            try SeccompFilter.compiled(.profile(json: json), capabilities: [])
        }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test("unconfined has no filter; the same question has the same answer")
    func cache() throws {
        #expect(try SeccompFilter.compiled(.unconfined, capabilities: []) == nil)
        let clock = ContinuousClock()
        let first = try clock.measure {
            _ = try SeccompFilter.compiled(.dockerDefault, capabilities: ["CAP_KILL"])
        }
        let second = try clock.measure {
            _ = try SeccompFilter.compiled(.dockerDefault, capabilities: ["CAP_KILL"])
        }
        #expect(second < first)
    }

    @Test("a filter on disk is found again, a damaged one is not, and inputs have their own")
    func disk() throws {
        let scratch = try Scratch()
        let cache = SeccompFilterCache(folder: scratch("filters"), entryLimit: 3)
        let filter = SeccompFilter(instructions: [6, 1 << 40 | 6])
        let circumstances = SeccompPolicy.Circumstances(
            architecture: "amd64",
            capabilities: ["CAP_KILL"],
            kernel: KernelVersion(6, 1)
        )
        var others = [circumstances, circumstances, circumstances]
        others[0].architecture = "arm64"
        others[1].capabilities = []
        others[2].kernel = KernelVersion(6, 2)
        let key = SeccompFilterCache.key(json: "{}", circumstances)
        let keys = others.map { SeccompFilterCache.key(json: "{}", $0) }
        #expect(Set(keys + [key, SeccompFilterCache.key(json: "{ }", circumstances)]).count == 5)
        #expect(cache.find(key) == nil)
        cache.store(filter, key)
        #expect(cache.find(key) == filter)
        let path = scratch("filters").appending(key.hex)
        var bytes = try readFile(path, limit: 1 << 20)
        bytes[0] ^= 1
        try atomicWrite(bytes, to: path, synced: false)
        #expect(cache.find(key) == nil)
        try atomicWrite([], to: path, synced: false)
        #expect(cache.find(key) == nil)
        for number: UInt8 in 0...9 { cache.store(filter, .of([number])) }
        #expect(
            try DirectoryListing.names(in: SharedFD(openFile(scratch("filters"), O_RDONLY))).count
                < 6
        )
    }

    /// The kernel's answer to calls in a child under the default filter.
    @Test(
        "the kernel answers as the profile says",
        .tags(.root),
        .enabled(if: isRoot),
        .timeLimit(.minutes(1))
    )
    func kernel() async throws {
        let filter = try #require(
            try SeccompFilter.compiled(
                .dockerDefault,
                capabilities: Capability.dockerDefaults
            )
        )
        #if arch(x86_64)
            let expected: [(Int, UInt, CInt)] = [
                (Int(SYS_getpid), 0, 0),
                (Int(SYS_bpf), 0, EPERM),
                (Int(SYS_unshare), UInt(CLONE_NEWUSER), EPERM),
                (Int(SYS_clone3), 0, ENOSYS),
                (Int(SYS_keyctl), 0, EPERM),
                (Int(SYS_io_uring_setup), 0, EPERM),
                (Int(SYS_userfaultfd), 0, EPERM),
                (Int(SYS_mount), 0, EPERM),
                (Int(SYS_socket), 38, EPERM),  // AF_ALG
                (Int(SYS_socket), 40, EPERM),  // AF_VSOCK
                (Int(SYS_socket), 1000, EAFNOSUPPORT),
                (Int(SYS_personality), 0x40000, EPERM),
                (100_000, 0, ENOSYS),
                (0x4000_0000 | 100_000, 0, ENOSYS),
                (0x4000_0000 | 321, 0, EPERM),  // bpf of x32
            ]
            for (number, argument, error) in expected {
                let seen = try await SeccompProbe.answer(filter, number, argument)
                #expect(seen == error, "system call \(number)(\(argument))")
            }
        #endif
    }

    @Test(
        "a profile that allows what it does not name allows what is newer, and may name nothing",
        arguments: [
            (#"{"defaultAction": "SCMP_ACT_ALLOW"}"#, []),
            (#"{"defaultAction": "SCMP_ACT_LOG", "syscalls": null}"#, []),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"name": "mkdir", "action": "SCMP_ACT_ERRNO"}]}"#,
                ["mkdir"]
            ),
        ] as [(String, [String])]
    )
    func denyList(json: String, names: [String]) throws {
        let circumstances = SeccompPolicy.Circumstances(
            architecture: "amd64",
            capabilities: [],
            kernel: KernelVersion(6, 1)
        )
        let policy = try SeccompPolicy(SeccompProfile(json: json), in: circumstances)
        #expect(policy.rules.flatMap(\.names) == names)
        let filter = try SeccompCompiler.compile(policy)
        let newer = ClassicBPF.run(filter.instructions, words: [9999, 0xC000_003E])
        let allowed: Set<ClassicBPF.End> = [.returned(0x7FFF_0000), .returned(0x7FFC_0000)]
        #expect(allowed.contains(newer), "\(newer)")
    }

    @Test(
        "what a profile lacks is named by its place",
        arguments: [
            ("{}", "defaultAction is missing"),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["a"]}]}"#,
                "syscalls[0].action is missing"
            ),
            (#"{"defaultAction": 1}"#, "defaultAction is of another type"),
        ]
    )
    func lacking(json: String, words: String) {
        let error = #expect(throws: RuntimeError.self) { try SeccompProfile(json: json) }
        #expect("\(error.map { "\($0)" } ?? "")".contains(words), "\(String(describing: error))")
    }

    @Test("the filter's head sends what is newer than the profile to ENOSYS")
    func stub() {
        let x86 = UnknownSyscalls.Architecture("x86_64", lastKnown: 450)
        let x32 = UnknownSyscalls.Architecture("x32", lastKnown: 0x4000_0223)
        let i386 = UnknownSyscalls.Architecture("x86", lastKnown: 450)
        let program = UnknownSyscalls.stub([x86, i386, x32])
        #expect(program.count == 13)
        let simulate = { (audit: UInt32, number: UInt32) in
            ClassicBPF.run(program, words: [number, audit])
        }
        let failed: ClassicBPF.End = .returned(0x0005_0000 | UInt32(ENOSYS))
        #expect(simulate(0xC000_003E, 450) == .ranOn)
        #expect(simulate(0xC000_003E, 451) == failed)
        #expect(simulate(0xC000_003E, 0x4000_0223) == .ranOn)
        #expect(simulate(0xC000_003E, 0x4000_0224) == failed)
        #expect(simulate(0xC000_003E, .max) == failed)
        #expect(simulate(0x4000_0003, 450) == .ranOn)
        #expect(simulate(0x4000_0003, 451) == failed)
        #expect(simulate(0xC000_00B7, 9999) == .ranOn)
        #expect(UnknownSyscalls.Architecture("vax", lastKnown: 1) == nil)
    }
}

/// As much of classic BPF as filters are made of.
enum ClassicBPF {
    enum End: Hashable { case returned(UInt32), ranOn }

    static func run(_ program: [UInt64], words: [UInt32]) -> End {
        var position = 0
        var accumulator: UInt32 = 0
        while position < program.count {
            let instruction = program[position]
            let value = UInt32(instruction >> 32)
            let (ifTrue, ifFalse) = (Int(instruction >> 16 & 0xFF), Int(instruction >> 24 & 0xFF))
            position += 1
            switch Int32(instruction & 0xFFFF) {
            case BPF_LD | BPF_W | BPF_ABS: accumulator = words[Int(value) / 4]
            case BPF_JMP | BPF_JA: position += Int(value)
            case BPF_JMP | BPF_JEQ: position += accumulator == value ? ifTrue : ifFalse
            case BPF_JMP | BPF_JGT: position += accumulator > value ? ifTrue : ifFalse
            case BPF_JMP | BPF_JGE: position += accumulator >= value ? ifTrue : ifFalse
            case BPF_JMP | BPF_JSET: position += accumulator & value != 0 ? ifTrue : ifFalse
            case BPF_ALU | BPF_AND: accumulator &= value
            case BPF_RET: return .returned(value)
            default: preconditionFailure("an instruction that no filter of ours uses")
            }
        }
        return position == program.count ? .ranOn : .returned(.max)
    }
}
