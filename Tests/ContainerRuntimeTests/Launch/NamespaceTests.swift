import ContainerRuntime
import Glibc
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@Suite(
    "shared namespaces",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct NamespaceTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private static let kinds = ["net", "pid", "ipc", "uts", "cgroup"]

    /// Numbers of the namespaces, one line each, by the container's own procfs. Its process 1 may be
    /// somebody else's.
    private static let look = kinds.map { "readlink /proc/self/ns/\($0)" }.joined(separator: "; ")

    private func numbers(of pid: Int32) throws -> [String: String] {
        try Self.kinds.reduce(into: [:]) { numbers, kind in
            let link = "/proc/\(pid)/ns/\(kind)"
            var text = [CChar](repeating: 0, count: 256)
            let count = readlink(link, &text, text.count - 1)
            try #require(count > 0)
            numbers[kind] = String(decoding: text.prefix(count).map(UInt8.init), as: UTF8.self)
        }
    }

    private func numbers(_ output: String) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: zip(Self.kinds, output.split(separator: "\n").map(String.init))
        )
    }

    private func set(_ kind: String, _ source: NamespaceSource, in spec: inout ContainerSpec) {
        var shared = NamespaceSpec()
        switch (kind, source) {
        case ("net", .host): spec.network = .host
        case ("net", .container(let name)): spec.network = .container(name)
        case ("pid", _): shared.pid = source
        case ("ipc", _): shared.ipc = source
        case ("uts", _): shared.uts = source
        case ("cgroup", _): shared.cgroup = source
        default: break
        }
        if !shared.isPlain { spec.namespaces = shared }
    }

    @Test("the host's namespace is shared alone", arguments: kinds)
    func host(kind: String) async throws {
        var spec = try bench.shell(Self.look)
        set(kind, .host, in: &spec)
        let seen = numbers(try await bench.run(spec).output)
        let own = try numbers(of: getpid())
        try #require(seen.count == Self.kinds.count)
        for other in Self.kinds { #expect((seen[other] == own[other]) == (other == kind)) }
    }

    @Test("another container's namespace is shared alone", arguments: ["net", "pid", "ipc", "uts"])
    func container(kind: String) async throws {
        let other = try await companion()
        var spec = try bench.shell(Self.look)
        set(kind, .container("other"), in: &spec)
        var placement = bench.placement()
        placement.companions["other"] = other
        let seen = numbers(try await bench.run(spec, at: placement).output)
        let others = try numbers(of: other.initPID)
        try #require(seen.count == Self.kinds.count)
        for each in Self.kinds { #expect((seen[each] == others[each]) == (each == kind)) }
        try await end(other)
    }

    @Test("shared memory goes with the IPC namespace, in both directions")
    func memory() async throws {
        let first = try await bench.runtime.create(
            bench.shell(
                "echo theirs > /dev/shm/a; until test -e /dev/shm/b; do usleep 1000; done; cat /dev/shm/b"
            ),
            at: bench.placement()
        )
        let other = try await first.start()
        var spec = try bench.shell(
            "until test -s /dev/shm/a; do usleep 1000; done; cat /dev/shm/a; echo ours > /dev/shm/c; "
                + "ln /dev/shm/c /dev/shm/b"
        )
        set("ipc", .container("other"), in: &spec)
        var placement = bench.placement()
        placement.companions["other"] = other
        #expect(try await bench.run(spec, at: placement).output == "theirs\n")
        #expect(try await other.wait().cause == .exited(code: 0))
    }

    @Test("without a pid namespace of its own everything ends with the program")
    func ends() async throws {
        var spec = try bench.shell("setsid sleep 1000 & echo $!")
        set("pid", .host, in: &spec)
        let run = try await bench.run(spec)
        let left = try #require(Int32(run.output.split(separator: "\n").first ?? ""))
        #expect(run.record.cause == .exited(code: 0))
        // Killed, and waited for by whoever inherited it.
        let deadline = ContinuousClock.now + .seconds(10)
        while kill(left, 0) == 0, ContinuousClock.now < deadline { usleep(1000) }
        #expect(kill(left, 0) < 0)
    }

    @Test("a companion that does not run is an error, and nothing is left")
    func missing() async throws {
        var spec = try bench.shell("true")
        set("net", .container("other"), in: &spec)
        let error = await #expect(throws: RuntimeError.self) { try await bench.run(spec) }
        #expect(error?.message == "container other, whose namespaces it shares, does not run")
    }

    @Test("exec is in the namespaces that the container shares with the host")
    func execBesideHost() async throws {
        var spec = try bench.shell("exec sleep 1000")
        spec.network = .host
        spec.namespaces = NamespaceSpec()
        spec.namespaces?.pid = .host
        let running = try await bench.runtime.create(spec, at: bench.placement()).start()
        let expected = try numbers(of: running.initPID)
        let result = try await bench.exec(Self.look, in: running, of: spec)
        #expect(numbers(result.output) == expected)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    @Test("exec is in the namespaces that the container shares with another")
    func execBesideContainer() async throws {
        let other = try await companion()
        var spec = try bench.shell("exec sleep 1000")
        spec.network = .container("other")
        spec.namespaces = NamespaceSpec()
        spec.namespaces?.pid = .container("other")
        spec.namespaces?.ipc = .container("other")
        spec.namespaces?.uts = .container("other")
        var placement = bench.placement()
        placement.companions["other"] = other
        let running = try await bench.runtime.create(spec, at: placement).start()
        let (own, others) = (try numbers(of: running.initPID), try numbers(of: other.initPID))
        for kind in Self.kinds { #expect((own[kind] == others[kind]) == (kind != "cgroup")) }
        let look = Self.look + "; echo $HOSTNAME; hostname; ps | grep -c '[s]leep 1000'"
        let lines = try await bench.exec(look, in: running, of: spec).output
        #expect(numbers(lines) == own)
        // Two containers that sleep, and one name for both.
        #expect(
            lines.split(separator: "\n").suffix(3) == [
                other.id.short[...], other.id.short[...], "2",
            ]
        )
        try await end(other)
        // The processes were the other's.
        #expect(try await running.wait().cause == .signalled(SIGKILL))
    }

    @Test("a container on another's network has its names: the same files")
    func names() async throws {
        let other = try await companion()
        var spec = try bench.shell(
            "cat /etc/hosts /etc/resolv.conf /etc/hostname; hostname; echo more >> /etc/hosts"
        )
        spec.network = .container("other")
        var placement = bench.placement()
        placement.companions["other"] = other
        placement.hosts = "192.0.2.1 nobody\n"
        let name = other.id.short
        #expect(
            try await bench.run(spec, at: placement).output
                == "127.0.0.1 localhost\nnameserver 127.0.0.11\n\(name)\n\(name)\n"
        )
        let hosts = try await bench.exec("cat /etc/hosts", in: other, of: bench.shell("true"))
        #expect(hosts.output == "127.0.0.1 localhost\nmore\n")
        try await end(other)
    }

    @Test("an IPC namespace can be without shared memory")
    func noMemory() async throws {
        var spec = try bench.shell("grep -c ' /dev/shm ' /proc/mounts; grep -c mqueue /proc/mounts")
        spec.namespaces = NamespaceSpec()
        spec.namespaces?.memory = MemorySharing.none
        #expect(try await bench.run(spec).output == "0\n1\n")
    }

    @Test("what outlives a keeper in a pid namespace of others ends with the wait for it")
    func keeperKilled() async throws {
        var spec = try bench.shell("setsid sleep 1000 & exec sleep 1000")
        set("pid", .host, in: &spec)
        let placement = bench.placement()
        let running = try await bench.runtime.create(spec, at: placement).start()
        let group = try #require(try bench.runtime.cgroups.find(placement.id))
        while try group.processes().count < 2 { await Task.yield() }
        let left = try #require(try group.processes().first { $0 != running.initPID })
        let process = try ProcessFD(opening: left)
        kill(running.keeperPID, SIGKILL)
        #expect(try await running.wait().cause == .lost)
        #expect(try group.processes().isEmpty)
        try await process.waitForExit()
    }

    @Test("kernel parameters: Docker's unless others are asked for")
    func sysctls() async throws {
        var spec = try bench.shell(
            "cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/ipv4/ip_forward "
                + "/proc/sys/kernel/shmmni"
        )
        spec.sysctls = [
            SysctlSetting("kernel.shmmni", "1234"), SysctlSetting("net.ipv4.ip_forward", "1"),
        ]
        #expect(try await bench.run(spec).output == "0\n1\n1234\n")
        spec.sysctls = [SysctlSetting("net/ipv4/ip_unprivileged_port_start", "500")]
        let lines = try await bench.run(spec).output.split(separator: "\n")
        #expect(lines.first == "500")
    }

    @Test("a kernel parameter that does not exist is named, and nothing is left")
    func unknownSysctl() async throws {
        var spec = try bench.shell("true")
        spec.sysctls = [SysctlSetting("net.ipv4.nothing", "1")]
        let error = await #expect(throws: RuntimeError.self) { try await bench.run(spec) }
        #expect(error?.message == "cannot set net.ipv4.nothing: no such file or directory")
    }

    private func companion() async throws -> RunningContainer {
        try await bench.runtime.create(bench.shell("exec sleep 1000"), at: bench.placement())
            .start()
    }

    private func end(_ container: RunningContainer) async throws {
        try bench.runtime.kill(container, signal: SIGKILL)
        _ = try await container.wait()
    }
}

@Suite("kernel parameters")
struct SysctlTests {
    private static let refusals: [(String, String?)] = [
        ("net.ipv4.ip_forward", nil), ("net/ipv4/conf/eth0.1/rp_filter", nil),
        ("kernel.msgmax", nil), ("fs.mqueue.msg_max", nil), ("kernel.domainname", nil),
        ("kernel.hostname", "`hostname` is what sets it"),
        ("kernel.core_pattern", "it is the whole machine's, and no container's alone"),
        ("vm.swappiness", "it is the whole machine's, and no container's alone"),
        ("net", "it is the whole machine's, and no container's alone"),
        ("net/../kernel/core_pattern", "it is not the name of a kernel parameter"),
        ("net..ipv4", "it is not the name of a kernel parameter"),
        ("", "it is not the name of a kernel parameter"),
    ]

    private static let shared: [(String, String?)] = [
        ("net.ipv4.ip_forward", "the container has the host's network"),
        ("kernel.shmmax", "the container has the host's IPC namespace"),
        ("fs.mqueue.msg_max", "the container has the host's IPC namespace"),
        ("kernel.domainname", "it is the whole machine's, and no container's alone"),
        ("kernel.hostname", "it is the whole machine's, and no container's alone"),
    ]

    private func spec() throws -> ContainerSpec {
        let digest = try #require(Digest("sha256:" + String(repeating: "0", count: 64)))
        return ContainerSpec(
            image: digest,
            imageName: "test",
            process: ProcessSpec(arguments: ["x"])
        )
    }

    @Test("are refused unless they are the container's own", arguments: refusals)
    func own(name: String, why: String?) throws {
        #expect(try spec().refusal(of: SysctlSetting(name, "1")) == why)
    }

    @Test("of the host's namespaces are refused", arguments: shared)
    func host(name: String, why: String?) throws {
        var spec = try spec()
        spec.network = .host
        spec.namespaces = NamespaceSpec()
        spec.namespaces?.ipc = .host
        spec.namespaces?.uts = .host
        #expect(spec.refusal(of: SysctlSetting(name, "1")) == why)
    }

    @Test("of another container's namespaces are set there")
    func others() throws {
        var spec = try spec()
        spec.network = .container("other")
        #expect(spec.refusal(of: SysctlSetting("net.ipv4.ip_forward", "1")) == nil)
    }
}
