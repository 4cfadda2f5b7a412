import CLinux
import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// Attacks on what is mounted over `/proc`, `/sys` and `/dev` by whoever can write a volume.
@Suite(
    "attacks on masks and /proc",
    .tags(.root),
    .leavesNothing,
    .leavesHostAsItWas,
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct MaskAttackTests {
    let bench: ContainerBench
    let hostile: FilePath

    init() throws {
        bench = try ContainerBench()
        hostile = bench.root.appending("hostile")
        try makeDirectories(hostile, mode: 0o755)
    }

    /// What a container with the hostile folder at `target` can read and write of the kernel.
    private static let attempts = """
        cat /proc/keys /proc/timer_list /proc/interrupts 2>&-
        for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/kernel/modprobe; do
            echo hacked > $f && echo wrote $f
        done 2>&-
        """

    @Test(
        "whatever stands in place of /dev/null, masks hold or the start fails (CVE-2025-31133)",
        arguments: ["link", "regular", "fifo", "full", "folder", "hard link"]
    )
    func nullDevice(kind: String) async throws {
        let path = hostile.appending("null").string
        switch kind {
        case "link": #expect(symlink("/proc/sys/kernel/core_pattern", path) == 0)
        case "regular": #expect(creat(path, 0o666) >= 0)
        case "fifo": #expect(mkfifo(path, 0o666) == 0)
        case "full": #expect(mknod(path, S_IFCHR | 0o666, berth_makedev(1, 7)) == 0)
        case "folder": #expect(mkdir(path, 0o777) == 0)
        default:
            let other = hostile.appending("other").string
            #expect(creat(other, 0o666) >= 0)
            #expect(link(other, path) == 0)
        }
        var spec = try bench.shell("\(Self.attempts); echo done")
        spec.mounts = [
            MountSpec(source: .bind(path: hostile.string, create: false), target: "/dev")
        ]
        do {
            #expect(try await bench.run(spec).output == "done\n")
        } catch let error as RuntimeError {
            #expect(!error.message.isEmpty)
        }
    }

    @Test("a null device that is exchanged while containers start is no hole")
    func nullRace() async throws {
        let (name, other) = (hostile.appending("null").string, hostile.appending("evil").string)
        #expect(mknod(name, S_IFCHR | 0o666, berth_makedev(1, 3)) == 0)
        #expect(symlink("/proc/sys/kernel/core_pattern", other) == 0)
        let swapper = try Swapper(name, other)
        var spec = try bench.shell("\(Self.attempts); echo done")
        spec.mounts = [
            MountSpec(source: .bind(path: hostile.string, create: false), target: "/dev")
        ]
        for _ in 0..<Iterations.ofRaces(12, 2000) {
            // Failing is as good as masking.
            guard let run = try? await bench.run(spec) else { continue }
            #expect(run.output == "done\n")
        }
        #expect(await swapper.stop() > 100)
    }

    @Test(
        "nothing is mounted on /proc, by whatever way (CVE-2019-16884, CVE-2025-52881)",
        arguments: [
            "/proc/self/attr", "/proc/self/attr/exec", "/proc/thread-self", "/proc/sys/kernel",
            "/proc/1", "/x/../proc/self", "/link/self/attr",
        ],
        ["bind", "tmpfs", "volume"]
    )
    func overProc(target: String, kind: String) async throws {
        symlink("/proc", bench.layer.appending("link").string)
        var spec = try bench.spec(["/bin/true"])
        var placement = bench.placement()
        switch kind {
        case "bind":
            spec.mounts = [
                MountSpec(source: .bind(path: hostile.string, create: false), target: target)
            ]
        case "tmpfs":
            spec.mounts = [MountSpec(source: .tmpfs(sizeBytes: nil, mode: nil), target: target)]
        default:
            placement.volumes = ["v": hostile]
            spec.mounts = [
                MountSpec(source: .volume(name: "v", copiesImageContent: false), target: target)
            ]
        }
        let error = await #expect(throws: RuntimeError.self) {
            try await bench.run(spec, at: placement)
        }
        #expect(error?.message.contains("/proc") == true, "\(error?.message ?? "")")
    }

    @Test(
        "a kernel parameter is set in the container, whoever exchanges a volume's folders meanwhile"
    )
    func parameterRace() async throws {
        let (a, b) = (hostile.appending("a").string, hostile.appending("b").string)
        #expect(mkdir(a, 0o755) == 0)
        #expect(symlink("/proc/sys", b) == 0)
        let swapper = try Swapper(a, b)
        var spec = try bench.shell("cat /proc/sys/net/ipv4/ip_unprivileged_port_start")
        spec.sysctls = [SysctlSetting("net.ipv4.ip_unprivileged_port_start", "77")]
        let source = MountSpec.Source.bind(path: hostile.string, create: false)
        spec.mounts = [
            MountSpec(source: source, target: "/v"),
            MountSpec(source: .tmpfs(sizeBytes: nil, mode: nil), target: "/v/a/kernel"),
        ]
        let before = try readFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", limit: 64)
        for _ in 0..<Iterations.ofRaces(12, 2000) {
            guard let run = try? await bench.run(spec) else { continue }
            #expect(run.output == "77\n")
        }
        #expect(await swapper.stop() > 100)
        #expect(try readFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", limit: 64) == before)
    }

    @Test("a mount of the terminals' place does not lead the console elsewhere (CVE-2025-52565)")
    func terminals() async throws {
        #expect(symlink("/proc/sys/kernel/core_pattern", hostile.appending("0").string) == 0)
        #expect(symlink("/etc/passwd", hostile.appending("ptmx").string) == 0)
        for target in ["/dev/pts", "/dev"] {
            let look = "stat -c '%t' /dev/console; echo hacked > /dev/console; \(Self.attempts)"
            var spec = try bench.shell(look)
            spec.streams = .terminal(input: .none)
            spec.mounts = [
                MountSpec(source: .bind(path: hostile.string, create: false), target: target)
            ]
            guard let run = try? await bench.run(spec) else { continue }
            #expect(!run.output.contains("wrote"), "\(target): \(run.output)")
        }
    }
}
