import CLinux
import Foundation
import Glibc
import KernelNames
import Testing

@testable import ContainerRuntime

/// The compiled filter, run instruction by instruction, against the profile as it stands in its file.
@Suite("results of seccomp")
struct SeccompResultTests {
    /// One entry of the profile in moby's format, read without the code under test.
    private struct Entry: Decodable {
        var names: [String]
        var action: String
        var errnoRet: UInt32?
        var args: [Argument]?
        var includes: Condition?
        var excludes: Condition?

        struct Argument: Decodable {
            var index: Int
            var value: UInt64
            var valueTwo: UInt64?
            var op: String

            func holds(_ arguments: [UInt64]) -> Bool {
                let given = arguments[index]
                switch op {
                case "SCMP_CMP_EQ": return given == value
                case "SCMP_CMP_NE": return given != value
                case "SCMP_CMP_LT": return given < value
                case "SCMP_CMP_GT": return given > value
                case "SCMP_CMP_MASKED_EQ": return given & value == valueTwo ?? 0
                default: preconditionFailure("an operator that the profile did not have: \(op)")
                }
            }
        }

        struct Condition: Decodable {
            var arches: [String]?
            var caps: [String]?
            var minKernel: String?
        }

        /// On amd64, with these capabilities, on any kernel since 4.8.
        func applies(_ capabilities: Set<String>) -> Bool {
            if let arches = includes?.arches, !arches.contains("amd64") { return false }
            if let caps = includes?.caps, !capabilities.isSuperset(of: caps) { return false }
            if excludes?.arches?.contains("amd64") == true { return false }
            if let caps = excludes?.caps, !capabilities.isDisjoint(with: caps) { return false }
            return true
        }
    }

    private struct Profile: Decodable {
        var defaultErrnoRet: UInt32
        var syscalls: [Entry]

        func answer(
            _ name: String,
            _ arguments: [UInt64],
            _ capabilities: Set<String>
        ) -> ClassicBPF.End {
            for entry in syscalls where entry.names.contains(name) && entry.applies(capabilities) {
                guard (entry.args ?? []).allSatisfy({ $0.holds(arguments) }) else { continue }
                if entry.action == "SCMP_ACT_ALLOW" { return .returned(0x7FFF_0000) }
                return .returned(0x0005_0000 | (entry.errnoRet ?? defaultErrnoRet))
            }
            return .returned(0x0005_0000 | defaultErrnoRet)
        }
    }

    private static let profile = Result {
        try JSONDecoder().decode(Profile.self, from: Data(SeccompProfile.mobyDefault.utf8))
    }

    /// The number that the kernel gives the architecture, and how a filter sees a call of it.
    private static let architectures: [String: UInt32] = [
        "x86_64": 0xC000_003E, "x86": 0x4000_0003, "x32": 0xC000_003E,
    ]

    private static func words(_ number: UInt32, _ audit: UInt32, _ arguments: [UInt64]) -> [UInt32]
    {
        [number, audit, 0, 0]
            + arguments.flatMap { [UInt32(truncatingIfNeeded: $0), UInt32($0 >> 32)] }
    }

    /// Arguments that a condition of the profile tells apart, and others near them.
    private static let interesting: [UInt64] =
        [0, 1, 8, 16, 36, 37, 38, 39, 40, 41, 42, 0x20000, 0x20008, 0x40000, 0xFFFF_FFFF]
        + (0..<32).map { 1 << UInt64($0) }

    @Test(
        "every call that the profile names is answered as the profile says",
        arguments: ["x86_64", "x86", "x32"],
        [Capability.dockerDefaults, [], ["CAP_SYS_ADMIN"], ["CAP_SYS_PTRACE", "CAP_BPF"]]
    )
    func results(architecture: String, capabilities: [String]) throws {
        let profile = try Self.profile.get()
        let filter = try #require(
            try SeccompFilter.compiled(.dockerDefault, capabilities: capabilities)
        )
        let audit = try #require(Self.architectures[architecture])
        let names = Set(profile.syscalls.flatMap(\.names)).union(AttackedCalls.denied)
        var compared = 0
        var wrong: [String] = []
        for name in names.sorted() {
            guard let number = SeccompCompiler.number(of: name, on: architecture) else { continue }
            for first in Self.interesting {
                let arguments = [first, 0, 0, 0, 0, 0]
                let seen = ClassicBPF.run(
                    filter.instructions,
                    words: Self.words(number, audit, arguments)
                )
                let expected = profile.answer(name, arguments, Set(capabilities))
                compared += 1
                if seen != expected { wrong.append("\(name)(\(first)): \(seen)") }
            }
        }
        #expect(wrong.isEmpty)
        #expect(compared > 300 * Self.interesting.count)
    }

    @Test("calls of an architecture that the filter does not know do not exist")
    func otherArchitecture() throws {
        let filter = try #require(
            try SeccompFilter.compiled(
                .dockerDefault,
                capabilities: Capability.dockerDefaults
            )
        )
        let arguments = [UInt64](repeating: 0, count: 6)
        for audit: UInt32 in [0xC000_00B7, 0x4000_0028, 0] {
            let seen = ClassicBPF.run(filter.instructions, words: Self.words(39, audit, arguments))
            #expect(seen == .returned(0x0005_0000 | UInt32(ENOSYS)), "\(audit)")
        }
    }
}
