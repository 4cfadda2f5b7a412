import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// Devices that a container gets beside the default ones, and what privileged ones may do.
@Suite(
    "devices and privilege",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct DeviceTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private func devices(_ mappings: DeviceSpec.Mapping...) -> DeviceSpec {
        var devices = DeviceSpec()
        devices.mappings = mappings
        return devices
    }

    @Test("a device is where it was asked for, with its owner and mode, in /dev and elsewhere")
    func nodes() async throws {
        // A node of the test's own, so that it may have any owner: /dev/zero under another name.
        let node = bench.root.appending("node").string
        try #require(mknod(node, S_IFCHR | 0o640, 1 << 8 | 5) == 0)
        try #require(chown(node, 12, 34) == 0)
        var spec = try bench.shell(
            """
            stat -c '%n %F %t:%T %a %u:%g' /dev/deep/er/one /outside/two
            head -c 3 /dev/deep/er/one | wc -c; head -c 3 /outside/two | wc -c
            """
        )
        spec.devices = devices(
            .init(source: node, target: "/dev/deep/er/one", access: .all),
            .init(source: node, target: "/outside/two", access: [.read])
        )
        let placement = bench.placement()
        let expected = """
            /dev/deep/er/one character special file 1:5 640 12:34
            /outside/two character special file 1:5 640 12:34
            3
            3

            """
        #expect(try await bench.run(spec, at: placement).output == expected)
        // What the first run left outside of /dev is no obstacle.
        #expect(try await bench.run(spec, at: placement).output.hasSuffix(expected))
    }

    @Test("what is not given cannot be opened, and of what is given only what was said")
    func rules() async throws {
        let memory =
            "mknod /mem c 1 1; head -c 1 /mem >/dev/null 2>&1 && echo read; "
            + "( echo x > /mem ) 2>/dev/null && echo written; rm /mem; echo end"
        var spec = try bench.shell(memory)
        #expect(try await bench.run(spec).output == "end\n")
        try #require(access("/dev/fuse", F_OK) == 0)
        // fuse: opened for reading and writing, and needs nothing but its rule.
        let fuse = "mknod /f c 10 229; ( exec 3</f ) && echo read; ( exec 3>/f ) && echo written"
        spec = try bench.shell(fuse + "; exit 0")
        spec.devices = DeviceSpec()
        spec.devices?.rules = [DeviceRule(.character, 10, 229, [.read])]
        let run = try await bench.run(spec)
        #expect(run.output == "read\n", "\(run.errors)")
    }

    @Test("a folder of devices gives all that are in it")
    func folder() async throws {
        let folder = bench.root.appending("devices")
        try makeDirectories(folder.appending("sub"))
        for name in ["a", "sub/b"] {
            try #require(mknod(folder.appending(name).string, S_IFCHR | 0o600, 1 << 8 | 3) == 0)
        }
        try atomicWrite([], to: folder.appending("file"), synced: false)
        var spec = try bench.shell("cd /dev/given; find . | sort")
        spec.devices = devices(
            .init(source: folder.string, target: "/dev/given", access: .all)
        )
        #expect(try await bench.run(spec).output == ".\n./a\n./sub\n./sub/b\n")
    }

    @Test(
        "what is no device, or at a place that is every container's own, is an error",
        arguments: [
            ("/dev/berth-nope", "/dev/x", "devices: /dev/berth-nope: no such file or directory"),
            ("/etc/passwd", "/dev/x", "devices: /etc/passwd is not a device"),
            ("/dev/zero", "/dev/null", "devices: /dev/null is what every container has"),
            ("/dev/zero", "/dev/shm/x", "devices: /dev/shm/x is what every container has"),
        ]
    )
    func refused(source: String, target: String, words: String) async throws {
        var spec = try bench.shell("true")
        spec.devices = devices(.init(source: source, target: target, access: .all))
        let error = await #expect(throws: RuntimeError.self) { try await bench.run(spec) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test(
        "a privileged container has every capability and device, and may write what is the kernel's"
    )
    func privileged() async throws {
        let held = try String(
            decoding: readFile("/proc/self/status", limit: 1 << 16),
            as: UTF8.self
        )
        .split(separator: "\n").first { $0.hasPrefix("CapBnd:") }
        var spec = try bench.shell(
            """
            grep -E 'CapBnd|Seccomp:|NoNewPrivs' /proc/self/status
            grep -c ' /proc/sys ' /proc/self/mountinfo
            grep ' /sys ' /proc/self/mountinfo | cut -d' ' -f6 | cut -d, -f1
            mkdir /mnt; mount -t tmpfs none /mnt && echo mounted
            test -e /dev/kmsg && echo kmsg
            exit 0
            """
        )
        spec.security = .privileged
        let run = try await bench.run(spec)
        let lines = run.output.split(separator: "\n")
        #expect(lines.first == held)
        #expect(lines.contains("Seccomp:\t0"))
        #expect(lines.contains("rw"), "\(run.output)")
        #expect(lines.contains("mounted"), "\(run.errors)")
        if access("/dev/kmsg", F_OK) == 0 { #expect(lines.contains("kmsg")) }
        #expect(!lines.contains("1"), "/proc/sys is a mount: \(run.output)")
    }

    @Test("systempaths=unconfined shows what is masked, and an exec is in the same sandbox")
    func systemPaths() async throws {
        var spec = try bench.shell(
            "grep -cE ' /proc/(sys|kcore|keys) ' /proc/self/mountinfo; exit 0"
        )
        #expect(try await bench.run(spec).output != "0\n")
        spec.security.maskedPaths = []
        spec.security.readOnlyPaths = []
        #expect(try await bench.run(spec).output == "0\n")
    }

    @Test("a profile of one's own decides over system calls")
    func seccompProfile() async throws {
        var spec = try bench.shell("mkdir /made 2>/dev/null || echo denied")
        spec.security.seccomp = .profile(
            json: """
                {"defaultAction": "SCMP_ACT_ALLOW", "syscalls":
                [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO"}]}
                """
        )
        #expect(try await bench.run(spec).output == "denied\n")
    }

    @Test(
        "an AppArmor profile on a kernel without AppArmor is told, and one that is not loaded fails"
    )
    func appArmor() async throws {
        var spec = try bench.shell("true")
        spec.security.appArmor = "berth-nope"
        let text = try? readFile("/sys/module/apparmor/parameters/enabled", limit: 16)
        if text?.first == UInt8(ascii: "Y") {
            let error = await #expect(throws: RuntimeError.self) { try await bench.run(spec) }
            #expect(
                error?.message.contains("under the AppArmor profile berth-nope") == true,
                "\(String(describing: error))"
            )
        } else {
            let running = try await bench.runtime.create(spec, at: bench.placement()).start()
            _ = try await running.wait()
            #expect(
                running.warnings == [
                    "the AppArmor profile berth-nope is not applied: this kernel has no AppArmor"
                ]
            )
        }
    }
}
