import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite(
    "cgroups of this machine",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(1)),
    .serialized
)
struct CgroupTests {
    let top = "berth-test-\(String(UInt64.random(in: .min ... .max), radix: 36))"
    let id = ContainerID.random()
    let cgroups: Cgroups

    init() throws { cgroups = Cgroups(layout: try CgroupLayout.current(), top: top) }

    /// A shell inside the groups; it joined when it has written a line.
    func shell(_ script: String, in group: ContainerCgroup, output: SharedFD) throws -> ProcessFD {
        let joining = group.folders.map { "echo 0 > \($0)/cgroup.procs" }.joined(separator: "\n")
        var request = SpawnRequest(
            program: "/bin/sh",
            arguments: ["sh", "-c", "set -e\n\(joining)\n\(script)"]
        )
        request.environment = ["PATH=/usr/bin:/bin"]
        request.descriptors = [1: output]
        return try spawn(request)
    }

    func value(_ controller: String, _ legacy: String, _ unified: String, of group: ContainerCgroup)
        throws -> String
    {
        let legacyPoint = cgroups.layout.legacyMountPoint(of: controller)
        let mountPoint = try #require(legacyPoint ?? cgroups.layout.unified)
        let folder = try #require(
            group.folders.first { $0.string.hasPrefix("\(mountPoint)/\(top)") }
        )
        let file = folder.appending(legacyPoint == nil ? unified : legacy)
        let text = String(decoding: try readFile(file, limit: 4096), as: UTF8.self)
        return String(text.split(separator: "\n").first ?? "")
    }

    func expectNothingLeft() {
        #expect(cgroups.entries() == [])
        for mountPoint in cgroups.layout.mountPoints {
            #expect(access(mountPoint.appending(top).string, F_OK) != 0)
        }
    }

    @Test("limits are in force, and nothing stays behind")
    func limits() async throws {
        var limits = ResourceLimits()
        limits.memoryBytes = 64 << 20
        limits.maximumProcesses = 50
        limits.cpuShares = 512
        limits.cpuQuotaMicroseconds = 50_000
        limits.cpuSet = "0"
        let group = try cgroups.create(id, parent: "shop", limits: limits)
        #expect(group.warnings == [])
        #expect(
            try value("memory", "memory.limit_in_bytes", "memory.max", of: group) == "67108864"
        )
        #expect(try value("pids", "pids.max", "pids.max", of: group) == "50")
        #expect(["512", "59"].contains(try value("cpu", "cpu.shares", "cpu.weight", of: group)))
        #expect(
            ["50000", "50000 100000"].contains(
                try value("cpu", "cpu.cfs_quota_us", "cpu.max", of: group)
            )
        )
        #expect(try value("cpuset", "cpuset.cpus", "cpuset.cpus", of: group) == "0")
        #expect(try group.outOfMemoryKills() == 0)
        #expect(Set(cgroups.entries().compactMap(\.container)) == [id])
        #expect(try cgroups.find(id)?.paths == group.paths)
        try group.remove()
        try group.remove()
        #expect(try cgroups.find(id) == nil)
        expectNothingLeft()
    }

    @Test("limits are raised and lowered while the group is there, with swap and without")
    func changed() throws {
        var limits = ResourceLimits()
        limits.memoryBytes = 64 << 20
        let group = try cgroups.create(id, parent: "shop", limits: limits)
        for (memory, both) in [(256, 512), (32, 64), (128, -1), (64, 64), (512, nil), (16, 16)]
            as [(Int64, Int64?)]
        {
            limits.memoryBytes = memory << 20
            limits.memorySwapBytes = both.map { $0 < 0 ? $0 : $0 << 20 }
            try cgroups.restore(id, parent: "shop", limits: limits, devices: nil) { [] }
            let now = try value("memory", "memory.limit_in_bytes", "memory.max", of: group)
            #expect(now == "\(memory << 20)")
            let swap = try value(
                "memory",
                "memory.memsw.limit_in_bytes",
                "memory.swap.max",
                of: group
            )
            let sum =
                cgroups.layout.kind == .unified ? (both ?? 2 * memory) - memory : both ?? 2 * memory
            let isFree = both == -1
            #expect(isFree ? swap == "max" || (Int64(swap) ?? 0) > 1 << 60 : swap == "\(sum << 20)")
        }
        try group.remove()
        expectNothingLeft()
    }

    @Test("two containers of a project share its group; a left empty one is replaced")
    func siblings() throws {
        let first = try cgroups.create(id, parent: "shop", limits: ResourceLimits())
        let second = try cgroups.create(.random(), parent: "shop", limits: ResourceLimits())
        let again = try cgroups.create(id, parent: "shop", limits: ResourceLimits())
        try second.remove()
        #expect(try cgroups.find(id) != nil)
        try first.remove()
        try again.remove()
        expectNothingLeft()
    }

    @Test("a value the kernel refuses undoes everything")
    func undo() throws {
        var limits = ResourceLimits()
        limits.cpuSet = "4000-5000"
        let error = #expect(throws: RuntimeError.self) {
            try cgroups.create(id, parent: "shop", limits: limits)
        }
        #expect(error?.message.contains("cpuset.cpus") == true)
        expectNothingLeft()
    }

    @Test("every process is killed, however many are forked meanwhile")
    func killing() async throws {
        let group = try cgroups.create(id, parent: "shop", limits: ResourceLimits())
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let script = "echo ready; while :; do sleep 100 & sleep 0.001; done"
        let child = try shell(script, in: group, output: SharedFD(pipe.takeWriter()))
        #expect(try await reader.read(upTo: 6) == Array("ready\n".utf8))
        #expect(throws: SyscallError.self) { try group.remove() }
        try await group.setFrozen(true)
        let frozen = try group.processes().count
        #expect(frozen > 0)
        #expect(try group.processes().count == frozen)
        try await group.setFrozen(false)
        try await group.killAll()
        #expect(try group.processes() == [])
        #expect(try await child.exitStatus() == .signaled(number: SIGKILL))
        try group.remove()
        expectNothingLeft()
    }

    @Test("killing works without cgroup.kill too")
    func killingFrozen() async throws {
        guard cgroups.layout.kind == .hybrid else { return }
        var layout = cgroups.layout
        layout.unified = nil
        let legacy = Cgroups(layout: layout, top: top)
        let group = try legacy.create(id, parent: "shop", limits: ResourceLimits())
        #expect(group.kill == nil)
        #expect(group.directory == nil)
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let script = "echo ready; while :; do sleep 100 & sleep 0.001; done"
        let child = try shell(script, in: group, output: SharedFD(pipe.takeWriter()))
        #expect(try await reader.read(upTo: 6) == Array("ready\n".utf8))
        try await group.killAll()
        #expect(try await child.exitStatus() == .signaled(number: SIGKILL))
        try group.remove()
        expectNothingLeft()
    }

    @Test("what is killed one by one is what is inside, and all of it")
    func killingEach() async throws {
        let group = try cgroups.create(id, parent: "shop", limits: ResourceLimits())
        let outside = try spawn(SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "1000"]))
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let script = """
            n=0; while [ $n -lt 150 ]; do sleep 1000 & n=$((n+1)); done
            echo ready; wait
            """
        let child = try shell(script, in: group, output: SharedFD(pipe.takeWriter()))
        #expect(try await reader.read(upTo: 6) == Array("ready\n".utf8))
        #expect(try group.killEach().count == 151)
        #expect(try await child.exitStatus() == .signaled(number: SIGKILL))
        #expect(outside.isAlive)
        try cgroups.killAndRemove(id)
        expectNothingLeft()
        _ = try outside.signal(SIGKILL)
        _ = try await outside.exitStatus()
    }

    @Test("a fork bomb stops at the limit and a memory hog is killed and counted")
    func enforcement() async throws {
        var limits = ResourceLimits()
        limits.maximumProcesses = 10
        limits.memoryBytes = 32 << 20
        let group = try cgroups.create(id, parent: "shop", limits: limits)
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let script = """
            echo ready
            (n=0; while [ $n -lt 30 ]; do sleep 100 & n=$((n+1)); done) 2>/dev/null || true
            kill $(jobs -p) 2>/dev/null || true
            exec dd if=/dev/zero of=/dev/null bs=200M count=1 2>/dev/null
            """
        let child = try shell(script, in: group, output: SharedFD(pipe.takeWriter()))
        #expect(try await reader.read(upTo: 6) == Array("ready\n".utf8))
        #expect(try await child.exitStatus() == .signaled(number: SIGKILL))
        #expect(try group.outOfMemoryKills() > 0)
        try await group.killAll()
        try group.remove()
        expectNothingLeft()
    }

    @Test("devices that no rule allows cannot be opened")
    func devices() async throws {
        let group = try cgroups.create(id, parent: "shop", limits: ResourceLimits())
        let scratch = try Scratch()
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let folder = scratch.path
        let script = """
            exec 2>/dev/null
            for d in "null c 1 3" "zero c 1 5" "full c 1 7" "random c 1 8" "urandom c 1 9" \
                "mem c 1 1" "kmsg c 1 11" "disk b 8 0" "vda b 254 0" "loop b 7 0" \
                "loopctl c 10 237" "fuse c 10 229" "kvm c 10 232" "tun c 10 200"; do
                set -- $d
                mknod \(folder)/$1 $2 $3 $4 || { echo "$1: no node"; continue; }
                if (: < \(folder)/$1); then echo "$1: opens"; else echo "$1: refused"; fi
            done
            echo done
            """
        let child = try shell(script, in: group, output: SharedFD(pipe.takeWriter()))
        _ = try await child.exitStatus()
        let text = String(decoding: try await reader.read(upTo: 4096), as: UTF8.self)
        let opened = text.split(separator: "\n").filter { $0.hasSuffix("opens") }
        #expect(
            opened == [
                "null: opens", "zero: opens", "full: opens", "random: opens", "urandom: opens",
            ]
        )
        #expect(text.split(separator: "\n").filter { $0.hasSuffix("refused") }.count == 9)
        #expect(text.hasSuffix("done\n"))
        try group.remove()
        expectNothingLeft()
    }

    @Test("the program of version 2 decides as the controller of version 1")
    func deviceProgram() async throws {
        let mountPoint = try #require(cgroups.layout.unified)
        let unified = Cgroups(layout: Self.only(mountPoint), top: top)
        let rules = [
            DeviceRule(.character, 1, 3, [.read, .write, .mknod]),
            DeviceRule(.character, 1, 5, .read), DeviceRule(.block, nil, nil, .mknod),
        ]
        let group = try unified.create(id, parent: "shop", limits: ResourceLimits(), devices: rules)
        let scratch = try Scratch()
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let script = """
            exec 2>/dev/null
            cd \(scratch.path)
            (: > /dev/null) && echo write-null || true
            (: < /dev/zero) && echo read-zero || true
            (: > /dev/zero) && echo write-zero || true
            (: < /dev/urandom) && echo read-urandom || true
            mknod disk b 8 0 && echo mknod-disk || true
            (: < disk) && echo read-disk || true
            mknod mem c 1 1 && echo mknod-mem || true
            echo done
            """
        let child = try shell(script, in: group, output: SharedFD(pipe.takeWriter()))
        #expect(try await child.exitStatus() == .exited(code: 0))
        let text = String(decoding: try await reader.read(upTo: 4096), as: UTF8.self)
        #expect(text == "write-null\nread-zero\nmknod-disk\ndone\n")
        try group.remove()
        expectNothingLeft()
    }

    /// Version 2 alone, as far as device rules go.
    static func only(_ mountPoint: FilePath) -> CgroupLayout {
        var layout = CgroupLayout(mounts: [])
        layout.unified = mountPoint
        return layout
    }
}
