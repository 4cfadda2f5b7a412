import CLinux
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@testable import ContainerRuntime

#if arch(x86_64)
    /// What a container with every default can reach of the kernel.
    @Suite(
        "attack surface",
        .tags(.root),
        .leavesNothing,
        .enabled(if: isRoot),
        .timeLimit(.minutes(2))
    )
    struct AttackSurfaceTests {
        let bench: ContainerBench
        init() throws { bench = try ContainerBench() }

        /// Allowed for some arguments only.
        static let conditional: [(name: String, arguments: [UInt64])] = [
            ("unshare", [UInt64(CLONE_NEWUSER)]), ("clone", [UInt64(CLONE_NEWUSER)]),
            ("clone", [UInt64(CLONE_NEWNET)]), ("clone", [UInt64(CLONE_NEWCGROUP)]),
            ("socket", [38, UInt64(SOCK_SEQPACKET.rawValue)]), ("socket", [40, 1]),
            ("personality", [0x0040000]),
        ]

        @Test(
            "calls that nobody needs fail through every door",
            arguments: ["x86_64", "x86", "x32"]
        )
        func calls(architecture: String) async throws {
            let gate: SyscallProgram.Gate = architecture == "x86" ? .i386 : .native
            var program = SyscallProgram()
            var names = ["getpid"]
            let number = { SeccompCompiler.number(of: $0, on: architecture) }
            program.add(.init(gate: gate, number: try #require(number("getpid"))))
            for name in AttackedCalls.denied {
                guard let number = number(name) else { continue }
                program.add(.init(gate: gate, number: number))
                names.append(name)
            }
            for (name, arguments) in Self.conditional {
                guard let number = number(name) else { continue }
                program.add(.init(gate: gate, number: number, arguments: arguments))
                names.append("\(name)\(arguments)")
            }
            let answers = try await bench.answers(program)
            // A kernel may lack the architecture; ours is there.
            #expect(answers[0] == 1 || (architecture != "x86_64" && answers[0] == -Int64(ENOSYS)))
            #expect(names.count > 50)
            for (name, answer) in zip(names, answers).dropFirst() {
                let isDenied = answer == -Int64(EPERM) || answer == -Int64(ENOSYS)
                #expect(isDenied, "\(architecture) \(name) answered \(answer)")
            }
        }

        @Test("calls newer than the profile do not exist", arguments: ["x86_64", "x86", "x32"])
        func newerCalls(architecture: String) async throws {
            let gate: SyscallProgram.Gate = architecture == "x86" ? .i386 : .native
            var program = SyscallProgram()
            for number: UInt32 in [600, 1023, 5000, 0x3FFF_FFFF] {
                program.add(
                    .init(gate: gate, number: architecture == "x32" ? number | 0x4000_0000 : number)
                )
            }
            #expect(try await bench.answers(program).allSatisfy { $0 == -Int64(ENOSYS) })
        }

        /// Majors and minors to try: all majors, and all of the memory and miscellaneous devices.
        static let devices: [(kind: UInt32, major: UInt32, minor: UInt32)] = {
            var numbers: [(UInt32, UInt32)] = []
            // 0:0 is no device but overlay's whiteout.
            for major: UInt32 in 1...511 { numbers.append((major, 0)) }
            for minor: UInt32 in 1...15 { numbers.append((1, minor)) }
            for minor: UInt32 in 1...4 { numbers.append((5, minor)) }
            for minor: UInt32 in 1...255 { numbers.append((10, minor)) }
            return numbers.map { (S_IFCHR, $0.0, $0.1) } + numbers.map { (S_IFBLK, $0.0, $0.1) }
        }()

        @Test(
            "any device node can be made and only Docker's opened",
            arguments: ["/", "/dev/shm", "/volume", "/tmpfs"]
        )
        func deviceNodes(folder: String) async throws {
            let node = folder == "/" ? "/node" : "\(folder)/node"
            var program = SyscallProgram()
            let path = program.text(node)
            for device in Self.devices {
                let number = UInt64(berth_makedev(device.major, device.minor))
                let mode = UInt64(device.kind | 0o600)
                program.add(.init(number: UInt32(SYS_mknod), arguments: [path, mode, number]))
                program.add(
                    .init(number: UInt32(SYS_open), arguments: [path, UInt64(O_RDWR | O_NONBLOCK)])
                )
                program.add(.init(number: UInt32(SYS_unlink), arguments: [path]))
            }
            let volume = bench.root.appending("volume")
            try makeDirectories(volume)
            let answers = try await bench.answers(program) { spec in
                spec.mounts = [
                    MountSpec(source: .bind(path: volume.string, create: false), target: "/volume"),
                    MountSpec(source: .tmpfs(sizeBytes: nil, mode: nil), target: "/tmpfs"),
                ]
            }
            for (index, device) in Self.devices.enumerated() {
                let made = answers[index * 3]
                let opened = answers[index * 3 + 1]
                let name = "\(device.kind == S_IFCHR ? "c" : "b") \(device.major):\(device.minor)"
                #expect(made == 0, "mknod \(name) answered \(made)")
                let isAllowed = device.kind == S_IFCHR && Self.isDefault(device.major, device.minor)
                // EACCES where the mount allows no devices at all.
                let isRefused = opened == -Int64(EPERM) || opened == -Int64(EACCES)
                if !isAllowed { #expect(isRefused, "open \(name) answered \(opened)") }
                if isAllowed, folder == "/" {
                    #expect(!isRefused, "open \(name) answered \(opened)")
                }
            }
        }

        static func isDefault(_ major: UInt32, _ minor: UInt32) -> Bool {
            switch (major, minor) {
            case (1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 1), (5, 2), (136, _): true
            default: false
            }
        }
    }
#endif
