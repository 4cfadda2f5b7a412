import ContainerRuntime
import Glibc
import Linux
import Logging
import SystemPackage
import Testing
import TestSupport

@testable import Engine
@testable import Supervisor

/// Somebody breaks what a running container lives in, other than its network.
@Suite(
    "a supervisor's containers",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct ContainerRepairTests {
    let bench: SupervisorBench

    init() async throws {
        bench = try await SupervisorBench()
        // The first one only notes the boot.
        try await bench.engine.recover()
    }

    /// `$P` are the processes of the container, `$G` its cgroups, `$M` groups beside those.
    private static let damage = [
        "for p in $P; do for m in $M; do echo $p > $m/cgroup.procs; done; done",
        "for p in $P; do for m in $M; do echo $p > $m/cgroup.procs; done; done; rmdir $G",
        "for m in $M; do echo ${P%% *} > $m/cgroup.procs; done",
        "for g in $G; do ! test -e $g/pids.max || echo 7 > $g/pids.max; done",
        """
        for g in $G; do
            ! test -e $g/memory.limit_in_bytes || echo 99M > $g/memory.limit_in_bytes
            ! test -e $g/memory.max || echo 99M > $g/memory.max
        done
        """,
        "for g in $G; do ! test -e $g/devices.allow || echo a > $g/devices.allow; done",
    ]

    /// In version 1 a new cpuset lets nobody in.
    private static let makeBeside = """
        for m in $M; do
            mkdir $m
            for f in cpuset.cpus cpuset.mems; do
                ! test -e ${m%/*}/$f || cat ${m%/*}/$f > $m/$f
            done
        done

        """

    /// Without processes of their own: nothing of anybody else's may be moved.
    private static let cases: [(String, NamespaceSource)] =
        damage.map { ($0, .own) } + damage[0...1].map { ($0, .host) }

    @Test("their cgroups, limits and device rules come back", arguments: cases)
    func cgroups(damage: String, processes: NamespaceSource) async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("sleep 1000 & exec sleep 1000") {
            $0.usesInit = true
            $0.resources.maximumProcesses = 50
            $0.resources.memoryBytes = 64 << 20
            guard processes != .own else { return }
            $0.namespaces = NamespaceSpec()
            $0.namespaces?.pid = processes
        }
        try await supervisor.ask(.start(container: id))
        let pid = try #require(try await bench.engine.observe(id).initPID)
        let group = try #require(try bench.engine.runtime.cgroups.find(id))
        // Our init is nobody's in a pid namespace of others.
        let count = processes == .own ? 3 : 2
        while try group.processes().count < count { await Task.yield() }
        let whole = try group.processes().sorted()
        let folders = group.paths.filter { $0.lastComponent?.string == id.text }
        let beside = folders.map { $0.removingLastComponent().appending("beside") }
        #expect(try await bench.engine.audit().isEmpty)

        try await run(
            Self.makeBeside + damage,
            [
                "P": whole.map { "\($0)" }.joined(separator: " "),
                "G": folders.map(\.string).joined(separator: " "),
                "M": beside.map(\.string).joined(separator: " "),
            ]
        )
        let found = try await bench.engine.audit().filter { finding in
            !beside.contains { $0.string == finding.name }
        }
        #expect(!found.isEmpty && found.allSatisfy { $0.kind == .cgroup })

        let keeping = Task { await supervisor.keepContainers(every: .milliseconds(10)) }
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !bench.engine.audit().isEmpty {
            try #require(ContinuousClock.now < deadline, "it does not come back")
            // Refused as long as there is a process in it.
            for folder in beside { rmdir(folder.string) }
        }
        keeping.cancel()
        await keeping.value
        // In every hierarchy, and nothing was started again for it.
        let again = try #require(try bench.engine.runtime.cgroups.find(id))
        #expect(try again.processes().sorted() == whole)
        #expect(try await bench.engine.observe(id).initPID == pid)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        #expect(await supervisor.hasNothing)
    }

    /// `$I` is the container's init, `$V` the volume's folder, `$B` the folder of the host.
    @Test(
        "what only a new start mounts again is listed, with what to do",
        arguments: [
            ("rm -r $V", "berth exec"), ("rm -r $B", "make it again"),
            ("nsenter -t $I -m /bin/busybox umount /volume", "restart"),
        ]
    )
    func mounts(damage: String, advice: String) async throws {
        let volume = try await bench.engine.createVolume(VolumeRequest(name: bench.project))
        let folder = bench.folder.appending("bind")
        try makeDirectories(folder)
        let supervisor = bench.supervisor()
        let id = try await bench.container("exec sleep 1000") {
            $0.mounts = [
                MountSpec(
                    source: .volume(name: volume.name, copiesImageContent: false),
                    target: "/volume"
                ),
                MountSpec(source: .bind(path: folder.string, create: true), target: "/bind"),
            ]
        }
        try await supervisor.ask(.start(container: id))
        let pid = try #require(try await bench.engine.observe(id).initPID)
        #expect(try await bench.engine.audit().isEmpty)

        let data = bench.engine.layout.volumeData(volume.name)
        try await run(damage, ["V": data.string, "B": folder.string, "I": "\(pid)"])
        let found = try await bench.engine.audit()
        #expect(found.map(\.kind) == [.mount])
        #expect(found.first?.reason.contains(advice) == true)
        // Told, not mended: it is the container's own life that it would cost.
        let recovery = try await bench.engine.recover()
        #expect(recovery.lasting.count == 1 && recovery.mended.isEmpty)
        #expect(try await bench.engine.observe(id).initPID == pid)

        try await supervisor.ask(.restart(container: id, graceMilliseconds: 0))
        #expect(try await bench.engine.audit().isEmpty)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        #expect(await supervisor.hasNothing)
    }

    @Test(
        "one whose init or keeper was killed is started again by its policy, and nothing is left",
        arguments: [true, false]
    )
    func processes(keeper: Bool) async throws {
        let supervisor = bench.supervisor()
        let id = try await bench.container("exec sleep 1000") { $0.restart = .always }
        try await supervisor.ask(.start(container: id))
        let folder = bench.engine.layout.container(id.text)
        let running = try #require(try bench.engine.runtime.adopt(id, name: "x", in: folder))
        let process = try ProcessFD(opening: running.initPID)
        #expect(kill(keeper ? running.keeperPID : running.initPID, SIGKILL) == 0)
        var second: Int32?
        let deadline = ContinuousClock.now + .seconds(60)
        while second == nil || second == running.initPID {
            try #require(ContinuousClock.now < deadline, "it does not come back")
            second = try await bench.engine.observe(id).initPID
        }
        #expect(try await supervisor.waited(id, until: .running) == .met)
        try await process.waitForExit()
        #expect(try await bench.engine.audit().isEmpty)
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        #expect(await supervisor.hasNothing)
    }

    private func run(_ script: String, _ variables: [String: String]) async throws {
        var request = SpawnRequest(
            program: "/bin/sh",
            arguments: ["sh", "-c", "set -e\n\(script)"]
        )
        request.environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        request.environment += variables.map { "\($0)=\($1)" }
        #expect(try await spawn(request).exitStatus() == .exited(code: 0))
    }
}
