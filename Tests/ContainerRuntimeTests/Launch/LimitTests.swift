import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// What limits a container sees and meets, by looking and by trying.
@Suite(
    "limits of containers",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct LimitTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    /// Prints a value of a controller, wherever this machine has it.
    private func cat(_ legacy: String, _ unified: String) -> String {
        "cat /sys/fs/cgroup/\(legacy) 2>/dev/null || cat /sys/fs/cgroup/\(unified)"
    }

    @Test("memory, processors and processes are limited as asked")
    func cgroup() async throws {
        var spec = try bench.shell(
            [
                cat("memory/memory.limit_in_bytes", "memory.max"),
                cat("memory/memory.soft_limit_in_bytes", "memory.low"),
                cat("pids/pids.max", "pids.max"), cat("cpuset/cpuset.cpus", "cpuset.cpus"),
                "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us 2>/dev/null "
                    + "|| cut -d' ' -f1 /sys/fs/cgroup/cpu.max",
            ].joined(separator: "\n")
        )
        spec.resources.memoryBytes = 64 << 20
        spec.resources.memoryReservationBytes = 32 << 20
        spec.resources.maximumProcesses = 33
        spec.resources.nanoCPUs = 500_000_000
        spec.resources.cpuSet = "0"
        let run = try await bench.run(spec)
        #expect(run.output == "67108864\n33554432\n33\n0\n50000\n")
    }

    @Test("a process over the memory limit is killed, and the record says why")
    func outOfMemory() async throws {
        var spec = try bench.shell("tail /dev/zero")
        spec.resources.memoryBytes = 16 << 20
        spec.resources.memorySwapBytes = 16 << 20
        let run = try await bench.run(spec)
        #expect(run.record.code == 137)
        #expect(run.record.oomKilled)
    }

    @Test("a fork bomb stops at the limit of processes")
    func processes() async throws {
        var spec = try bench.shell(
            "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 60 & done; echo made all"
        )
        spec.resources.maximumProcesses = 8
        let run = try await bench.run(spec)
        #expect(!run.output.contains("made all"))
        #expect(run.errors.contains("fork"))
    }

    @Test("a share of a processor holds")
    func bandwidth() async throws {
        // As much as one second of a whole processor, by the clock of the process.
        var spec = try bench.shell("i=0; while [ $i -lt 3000000 ]; do i=$((i+1)); done")
        spec.resources.nanoCPUs = 200_000_000
        let placement = bench.placement()
        let running = try await bench.runtime.create(spec, at: placement).start()
        let clock = ContinuousClock()
        let begin = clock.now
        let first = try processorTime(of: running)
        while clock.now < begin + .seconds(2) {
            guard running.isAlive else { break }
            _ = try await bench.run(bench.shell("true"))
        }
        let used = try processorTime(of: running) - first
        let elapsed = clock.now - begin
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        // A fifth, and a period's worth of imprecision.
        #expect(used <= elapsed / 5 + .milliseconds(150), "\(used) of \(elapsed)")
    }

    private func processorTime(of running: RunningContainer) throws -> Duration {
        let text = String(
            decoding: try readFile(FilePath("/proc/\(running.initPID)/stat"), limit: 4096),
            as: UTF8.self
        )
        // proc(5): fields 14 and 15, after the name in brackets.
        let fields = text.drop { $0 != ")" }.split(separator: " ")
        let ticks = (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
        return .milliseconds(ticks * 1000 / sysconf(CInt(_SC_CLK_TCK)))
    }

    @Test("ulimits, groups, /dev/shm, domain and OOM score are as asked, the score for an exec too")
    func process() async throws {
        let script = """
            ulimit -n; ulimit -Hn; id -G; df /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2
            cat /proc/sys/kernel/domainname /proc/self/oom_score_adj
            """
        var spec = try bench.shell("sleep 1000")
        spec.process.resourceLimits = [ResourceLimit(name: "nofile", soft: 500, hard: 600)]
        spec.process.supplementaryGroups = ["4242"]
        spec.domainName = "example.org"
        spec.shmSizeBytes = 1 << 20
        spec.resources.oomScoreAdjustment = 300
        let expected = "500\n600\n0 4242\n1024\nexample.org\n300\n"
        var own = spec
        own.process.arguments = ["/bin/sh", "-c", script]
        #expect(try await bench.run(own).output == expected)

        let running = try await bench.runtime.create(spec, at: bench.placement()).start()
        let score = "cat /proc/self/oom_score_adj"
        #expect(try await bench.exec(score, in: running, of: spec).output == "300\n")
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    @Test("what this machine cannot give is an error before anything is made")
    func refused() async throws {
        func failure(_ change: (inout ContainerSpec) -> Void) async throws -> String {
            var spec = try bench.shell("true")
            change(&spec)
            do {
                _ = try await bench.run(spec)
                return "it ran"
            } catch let error as RuntimeError {
                return error.description
            }
        }
        let count = sysconf(CInt(_SC_NPROCESSORS_ONLN))
        #expect(
            try await failure { $0.resources.nanoCPUs = Int64(count + 1) * 1_000_000_000 }
                .contains("there are only \(count) CPUs available; lower `cpus`")
        )
        #expect(
            try await failure { $0.resources.cpuSet = "0,4095" }
                .contains("requested CPUs are not available: requested 0,4095, available 0")
        )
        #expect(
            try await failure { $0.resources.cpuRealtimeRuntimeMicroseconds = 9000 }
                .contains("cannot give it real-time CPU: ")
        )
        let rate = BlockIOLimits.DeviceValue(path: "/dev/null", value: 1 << 20)
        #expect(
            try await failure {
                $0.resources.blockIO = BlockIOLimits()
                $0.resources.blockIO?.readBytesPerSecond = [rate]
            }
            .contains("blkio_config: /dev/null is not a block device")
        )
    }

    @Test("a container is made beneath the group that it names, and that group stays")
    func cgroupParent() async throws {
        let layout = try CgroupLayout.current()
        let name = "berth-test-parent-\(ContainerID.random().short)"
        let mountPoints = (layout.unified.map { [$0] } ?? []) + layout.legacy.map(\.mountPoint)
        defer { for mountPoint in mountPoints { rmdir(mountPoint.appending(name).string) } }
        var spec = try bench.shell("echo up; sleep 1000")
        spec.resources.cgroupParent = "/\(name)"
        spec.resources.maximumProcesses = 20
        let placement = bench.placement()
        let running = try await bench.runtime.create(spec, at: placement).start()
        let groups = String(
            decoding: try readFile(FilePath("/proc/\(running.initPID)/cgroup"), limit: 1 << 16),
            as: UTF8.self
        )
        #expect(groups.contains("/\(name)/\(placement.id)\n"))
        let inside = try await bench.exec("echo inside", in: running, of: spec)
        #expect(inside.output == "inside\n")
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        try bench.runtime.cleanUp(placement.id, in: placement.directory)
        for mountPoint in mountPoints {
            let parent = mountPoint.appending(name)
            #expect(access(parent.string, F_OK) == 0)
            #expect(access(parent.appending(placement.id.text).string, F_OK) != 0)
        }
        #expect(bench.runtime.cgroups.entries().allSatisfy { $0.container != placement.id })
    }
}
