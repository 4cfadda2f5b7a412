import CLinux
import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// The default sandbox against the list that docker's has, read from inside.
@Suite(
    "the sandbox, item by item",
    .tags(.root),
    .leavesNothing,
    .leavesHostAsItWas,
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct SandboxItemTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private func mounts(_ change: (inout ContainerSpec) -> Void = { _ in }) async throws
        -> [String: MountInfo]
    {
        var spec = try bench.shell("cat /proc/self/mountinfo")
        change(&spec)
        let lines = MountInfo.parse(Array(try await bench.run(spec).output.utf8))
        // Of several at one place the last is the one that is seen.
        return Dictionary(lines.map { ($0.mountPoint, $0) }) { $1 }
    }

    @Test("its file systems are docker's, with their options")
    func defaultMounts() async throws {
        let mounts = try await mounts()
        let expected: [String: (type: String, options: Set<String>, absent: Set<String>)] = [
            "/": ("overlay", ["rw"], []),
            "/proc": ("proc", ["rw", "nosuid", "noexec", "nodev"], []),
            "/dev": ("tmpfs", ["rw", "nosuid"], ["relatime", "noatime"]),
            "/dev/pts": ("devpts", ["rw", "nosuid", "noexec"], []),
            "/sys": ("sysfs", ["ro", "nosuid", "noexec", "nodev"], []),
            "/dev/mqueue": ("mqueue", ["rw", "nosuid", "noexec", "nodev"], []),
            "/dev/shm": ("tmpfs", ["rw", "nosuid", "noexec", "nodev"], []),
        ]
        for (place, wanted) in expected {
            let mount = try #require(mounts[place], "\(place)")
            #expect(mount.fileSystemType == wanted.type, "\(place)")
            #expect(wanted.options.isSubset(of: mount.options), "\(place): \(mount.options)")
            #expect(wanted.absent.isDisjoint(with: mount.options), "\(place): \(mount.options)")
        }
        let terminals = try #require(mounts["/dev/pts"]).superOptions
        #expect(Set(terminals).isSuperset(of: ["gid=5", "mode=620", "ptmxmode=666"]))
        #expect(try #require(mounts["/dev/shm"]).superOptions.contains("size=65536k"))
        #expect(try #require(mounts["/dev"]).superOptions.contains("mode=755"))
        let groups = mounts.filter { $0.key.hasPrefix("/sys/fs/cgroup") }
        #expect(!groups.isEmpty)
        for (place, mount) in groups {
            let wanted: Set<String> = ["ro", "nosuid", "noexec", "nodev"]
            #expect(wanted.isSubset(of: mount.options), "\(place)")
            // Its own group is all of the hierarchy that it sees.
            #expect(mount.root == "/", "\(place): \(mount.root)")
        }
        // Nothing goes to the host or comes from it.
        #expect(mounts.values.allSatisfy { $0.optionalFields.isEmpty })
    }

    private static let masked = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
        "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
        "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware",
    ]

    @Test("every masked path is empty, and nothing can be put there")
    func maskedPaths() async throws {
        let thermal = (0..<4).map { "/sys/devices/system/cpu/cpu\($0)/thermal_throttle" }
        let run = try await bench.run(
            bench.shell(
                """
                for p in \((Self.masked + thermal).joined(separator: " ")); do
                    if [ -d $p ]; then
                        echo $p $(ls -A $p | wc -l); echo x > $p/x && echo wrote $p
                    elif [ -e $p ]; then
                        echo $p $(cat $p | wc -c); stat -c '%t:%T' $p
                    fi
                done 2>/dev/null; exit 0
                """
            )
        )
        let lines = run.output.split(separator: "\n")
        #expect(lines.count > 3)
        for line in lines { #expect(line == "1:3" || line.hasSuffix(" 0"), "\(line)") }
        // What this kernel has of them is there to be masked.
        for path in Self.masked where access(path, F_OK) == 0 {
            #expect(lines.contains("\(path) 0"), "\(path)")
        }
    }

    @Test("every read-only path is a mount of its own that cannot be written")
    func readOnlyPaths() async throws {
        let mounts = try await mounts()
        for path in ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
        where access(path, F_OK) == 0 {
            let mount = try #require(mounts[path], "\(path)")
            #expect(Set(mount.options).isSuperset(of: ["ro", "nosuid", "noexec", "nodev"]))
        }
    }

    @Test("/dev holds docker's nodes and links, and nothing else")
    func deviceList() async throws {
        let run = try await bench.run(
            bench.shell(
                """
                cd /dev; for f in $(ls); do
                    if [ -L $f ]; then echo $f $(readlink $f)
                    else echo $f $(stat -c '%t:%T %a %u:%g' $f); fi
                done
                """
            )
        )
        var lines = Set(run.output.split(separator: "\n").map(String.init))
        // Made only where the kernel has it.
        lines.remove("core /proc/kcore")
        #expect(
            lines == [
                "null 1:3 666 0:0", "zero 1:5 666 0:0", "full 1:7 666 0:0", "random 1:8 666 0:0",
                "urandom 1:9 666 0:0", "tty 5:0 666 0:0", "ptmx pts/ptmx", "fd /proc/self/fd",
                "stdin /proc/self/fd/0", "stdout /proc/self/fd/1", "stderr /proc/self/fd/2",
                "pts 0:0 755 0:0", "shm 0:0 1777 0:0", "mqueue 0:0 1777 0:0",
            ]
        )
    }

    private static func namespaces(_ text: String) -> [Substring: Substring] {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        return Dictionary(lines.compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }) { $1 }
    }

    private static let namespaceScript =
        "for n in cgroup ipc mnt net pid user uts; do echo $n $(readlink /proc/self/ns/$n); done"

    @Test("it has its own namespaces, and who is executed in it has the same")
    func namespaces() async throws {
        let spec = try bench.shell("\(Self.namespaceScript); exec sleep 1000")
        let placement = bench.placement()
        let running = try await bench.runtime.create(spec, at: placement).start()
        let entered = try await bench.exec(Self.namespaceScript, in: running, of: spec)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        let own = Self.namespaces(try bench.entries(placement).map(\.log).joined())
        #expect(own == Self.namespaces(entered.output))
        #expect(own.count == 7)
        for (name, value) in own {
            var buffer = [CChar](repeating: 0, count: 64)
            #expect(readlink("/proc/thread-self/ns/\(name)", &buffer, 63) > 0)
            let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let host = String(decoding: bytes, as: UTF8.self)
            // There are no user namespaces yet.
            #expect((value == host) == (name == "user"), "\(name)")
        }
    }

    @Test("nothing of the environment or the working directory of whoever started it is inside")
    func environment() async throws {
        #expect(setenv("BERTH_TEST_SECRET", "of the starter", 1) == 0)
        defer { unsetenv("BERTH_TEST_SECRET") }
        let script = "cat /proc/self/environ | tr '\\000' '\\n'; pwd; readlink /proc/self/cwd"
        var spec = try bench.spec(["/bin/sh", "-c", "\(script); exec sleep 1000"])
        spec.process.environment = ["PATH=/bin", "A=b"]
        let placement = bench.placement()
        let running = try await bench.runtime.create(spec, at: placement).start()
        let entered = try await bench.exec(
            "\(script); cat /proc/1/environ | tr '\\000' '\\n'",
            in: running,
            of: spec
        )
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        let first = try bench.entries(placement).map(\.log).joined()
        #expect(first.contains("A=b\n"), "\(first)")
        #expect(first.contains("\n/\n"))
        for text in [first, entered.output] {
            #expect(!text.contains("SECRET"), "\(text)")
            #expect(!text.contains("BERTH"), "\(text)")
        }
    }

    @Test(
        "capabilities are exactly what was given, to who is executed, too, and none inheritable",
        arguments: [
            ([], "", 0), ([], "web", 0), (["CAP_CHOWN"], "", 1), (["CAP_CHOWN"], "web", 1),
            (["CAP_NET_ADMIN", "CAP_SYS_CHROOT"], "", 1 << 12 | 1 << 18),
        ] as [([String], String, UInt64)]
    )
    func capabilities(given: [String], user: String, mask: UInt64) async throws {
        let script = "grep Cap /proc/self/status"
        var spec = try bench.shell("\(script); exec sleep 1000")
        spec.security.capabilities = given
        spec.process.user = user
        let placement = bench.placement()
        let running = try await bench.runtime.create(spec, at: placement).start()
        let entered = try await bench.exec(script, user: user, in: running, of: spec)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        let hex = { (value: UInt64) in
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
        let effective = hex(user.isEmpty ? mask : 0)
        let expected = """
            CapInh:\t\(hex(0))
            CapPrm:\t\(effective)
            CapEff:\t\(effective)
            CapBnd:\t\(hex(mask))
            CapAmb:\t\(hex(0))

            """
        #expect(try bench.entries(placement).map(\.log).joined() == expected)
        #expect(entered.output == expected)
    }

    #if arch(x86_64)
        @Test("without a terminal there is none to type into")
        func noTerminal() async throws {
            var program = SyscallProgram()
            let letter = program.text("x")
            let terminal = program.text("/dev/tty")
            for number: UInt64 in 0...2 {
                program.add(
                    .init(
                        number: UInt32(SYS_ioctl),
                        arguments: [number, UInt64(TIOCSTI), letter]
                    )
                )
            }
            program.add(.init(number: UInt32(SYS_open), arguments: [terminal, UInt64(O_RDWR)]))
            let answers = try await bench.answers(program)
            #expect(
                answers == [ENOTTY, ENOTTY, ENOTTY, ENXIO].map { -Int64($0) }
            )
        }
    #endif
}
