import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite("cgroup layout and settings")
struct CgroupSettingTests {
    static func mounts(_ lines: String) -> [MountInfo] { MountInfo.parse(Array(lines.utf8)) }

    @Test("the arrangement is found from the mounts")
    func layouts() {
        let unified = "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n"
        let legacy = """
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
            33 31 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            34 31 0:30 / /mnt/memory rw - cgroup cgroup rw,memory
            35 31 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
            36 31 0:32 / /sys/fs/cgroup/net_cls rw - cgroup cgroup rw,net_cls

            """
        let hybrid = legacy + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
        #expect(CgroupLayout(mounts: Self.mounts(unified)).kind == .unified)
        #expect(CgroupLayout(mounts: Self.mounts("")).kind == .none)
        let layout = CgroupLayout(mounts: Self.mounts(legacy))
        #expect(layout.kind == .legacy)
        #expect(layout.legacy.count == 2)
        #expect(layout.legacyMountPoint(of: "cpuacct") == "/sys/fs/cgroup/cpu,cpuacct")
        #expect(layout.legacyMountPoint(of: "pids") == nil)
        let both = CgroupLayout(mounts: Self.mounts(hybrid))
        #expect(both.kind == .hybrid)
        #expect(both.mountPoints.first == "/sys/fs/cgroup/unified")
    }

    @Test("limits are written in the words of each version")
    func settings() {
        var limits = ResourceLimits()
        limits.memoryBytes = 64 << 20
        limits.cpuShares = 1024
        limits.cpuQuotaMicroseconds = 50_000
        limits.cpuSet = "0"
        let text = { (settings: [CgroupSetting]) in settings.map { "\($0.file)=\($0.value)" } }
        #expect(
            text(limits.unifiedSettings) == [
                "memory.max=67108864", "memory.swap.max=67108864", "memory.oom.group=1",
                "pids.max=2048", "cpu.weight=100", "cpu.max=50000 100000", "cpuset.cpus=0",
            ]
        )
        limits.cpuPeriodMicroseconds = 200_000
        limits.maximumProcesses = -1
        #expect(
            text(limits.legacySettings) == [
                "memory.limit_in_bytes=67108864", "memory.memsw.limit_in_bytes=134217728",
                "pids.max=max", "cpu.shares=1024", "cpu.cfs_period_us=200000",
                "cpu.cfs_quota_us=50000", "cpuset.cpus=0",
            ]
        )
    }

    @Test("limits that have no value are not written, and swap is counted as each version does")
    func swap() {
        var limits = ResourceLimits()
        limits.maximumProcesses = nil
        limits.memoryBytes = 64 << 20
        limits.memoryReservationBytes = 32 << 20
        limits.memorySwapBytes = 80 << 20
        limits.nanoCPUs = 1_500_000_000
        let text = { (settings: [CgroupSetting]) in settings.map { "\($0.file)=\($0.value)" } }
        #expect(
            text(limits.unifiedSettings) == [
                "memory.max=67108864", "memory.swap.max=16777216", "memory.oom.group=1",
                "memory.low=33554432", "cpu.max=150000 100000",
            ]
        )
        limits.memorySwapBytes = -1
        limits.memorySwappiness = 10
        limits.oomKillIsDisabled = true
        limits.cpuRealtimePeriodMicroseconds = 1_000_000
        limits.cpuRealtimeRuntimeMicroseconds = 9000
        #expect(
            text(limits.legacySettings) == [
                "memory.limit_in_bytes=67108864", "memory.memsw.limit_in_bytes=-1",
                "memory.soft_limit_in_bytes=33554432", "memory.swappiness=10",
                "memory.oom_control=1", "cpu.cfs_period_us=100000",
                "cpu.cfs_quota_us=150000", "cpu.rt_period_us=1000000", "cpu.rt_runtime_us=9000",
            ]
        )
        #expect(text(limits.unifiedSettings).contains("memory.swap.max=max"))
    }

    @Test(
        "shares become weights as runc 1.3.2 and crun 1.23 have it",
        arguments: [
            (2, 1), (3, 2), (512, 59), (1024, 100), (2000, 170), (262_144, 10_000), (0, 1),
            (999_999, 10_000),
        ]
    )
    func weights(shares: Int64, weight: Int64) {
        #expect(ResourceLimits.weight(shares: shares) == weight)
    }

    @Test("a group is named after its project but never like a file of the kernel's")
    func places() throws {
        let id = ContainerID.random()
        let place = try CgroupPlace(top: "berth", parent: "tasks", id: id)
        #expect(place.leaf(below: "/c") == FilePath("/c/berth/project-tasks/\(id)"))
        for name in ["", "a/b", "..\n", "a b", "ä"] {
            #expect(throws: RuntimeError.self) {
                try CgroupPlace(top: "berth", parent: name, id: id)
            }
        }
    }

    @Test("a group beneath another parent is found by a signpost, which the parent's name fits in")
    func signposts() throws {
        let id = ContainerID.random()
        let place = try CgroupPlace(top: "berth", parent: "shop", id: id, beneath: "/ba%2Ftch/x@y/")
        #expect(place.leaf(below: "/c") == FilePath("/c/ba%2Ftch/x@y/\(id)"))
        let levels = try #require(place.signpost(below: ["/c", "/d"]))
        let signpost = try #require(levels.last)
        #expect(signpost.removingLastComponent() == "/c/berth/project-shop")
        let name = try #require(signpost.lastComponent).string
        #expect(CgroupPlace.container(of: name) == id)
        let entry = CgroupEntry(path: signpost, project: "project-shop", container: id)
        #expect(CgroupPlace(top: "berth", found: entry, id: id) == place)
        #expect(try CgroupPlace(top: "t", parent: "p", id: id).signpost(below: ["/c"]) == nil)
        for parent in ["..", "/a/../b", "a b", String(repeating: "x", count: 181)] {
            #expect(throws: RuntimeError.self) {
                try CgroupPlace(top: "berth", parent: "shop", id: id, beneath: parent)
            }
        }
    }
}
