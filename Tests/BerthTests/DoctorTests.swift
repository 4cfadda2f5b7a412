import ContainerRuntime
import Linux
import Testing

@testable import berth

/// What doctor makes of what a machine says.
@Suite("berth doctor")
struct DoctorTests {
    @Test(
        "modules are known when they are loaded, built in or can be loaded",
        arguments: [
            ("", "", "", MachineCheck.Finding.Verdict.degraded),
            ("bridge 1 0 - Live 0x0\nveth 1 0 - Live\n", "", "", .degraded),
            (
                "bridge 1 0 - Live 0x0\n",
                "kernel/drivers/net/veth.ko\nkernel/net/netfilter/nft_masq.ko\n",
                "kernel/net/netfilter/nft_chain_nat.ko.xz: kernel/a.ko\nk/nf_conntrack.ko.zst:\n",
                .good
            ),
        ]
    )
    func modules(
        loaded: String,
        builtIn: String,
        loadable: String,
        verdict: MachineCheck.Finding.Verdict
    ) {
        let known = MachineCheck.knownModules(loaded: loaded, builtIn: builtIn, loadable: loadable)
        let finding = MachineCheck.modules(known: known)
        #expect(finding.verdict == verdict, "\(finding.state)")
        #expect((finding.remedy != nil) == (verdict != .good))
    }

    @Test(
        "a capability that root lacks is named, and containers will not run",
        arguments: [
            ("CapEff:\t000001ffffffffff\n", MachineCheck.Finding.Verdict.good, "all"),
            ("CapEff:\t00000000a80425fb\n", .missing, "no CAP_SYS_ADMIN CAP_NET_ADMIN"),
            ("Name:\tx\n", .degraded, "nobody says"),
        ]
    )
    func capabilities(status: String, verdict: MachineCheck.Finding.Verdict, words: String) {
        let finding = MachineCheck.capabilities(status: status)
        #expect(finding.verdict == verdict && finding.state.hasPrefix(words), "\(finding.state)")
    }

    @Test("a controller that is not there is named with the limits that need it")
    func controllers() {
        let all = Set("cpuset cpu io memory hugetlb pids".split(separator: " "))
        #expect(MachineCheck.controllers(present: all).verdict == .good)
        let finding = MachineCheck.controllers(present: all.subtracting(["memory"]))
        #expect(finding.verdict == .degraded)
        #expect(finding.state == "no memory: mem_limit cannot be carried out")
        #expect(finding.remedy?.contains("cgroup_enable=memory") == true)
    }

    @Test("file systems that cannot hold containers are told, with what to do", arguments: disks)
    func storage(disk: Disk) {
        let findings = MachineCheck.storage(disk.storage, at: "/s")
        #expect(findings.map(\.verdict) == [disk.verdict])
        #expect(findings[0].state.contains(disk.words), "\(findings)")
        #expect((findings[0].remedy != nil) == (disk.verdict != .good))
    }

    struct Disk: Sendable {
        var storage: MachineCheck.Storage
        var verdict: MachineCheck.Finding.Verdict
        var words: String
    }

    private static let disks = [
        Disk(storage: .init(type: "ext4"), verdict: .good, words: "overlays"),
        Disk(storage: .init(type: "overlay"), verdict: .missing, words: "on an overlay"),
        Disk(storage: .init(type: "fuse.sshfs"), verdict: .missing, words: "on fuse.sshfs"),
        Disk(storage: .init(type: "nfs4"), verdict: .missing, words: "on nfs4"),
        Disk(storage: .init(type: "tmpfs"), verdict: .degraded, words: "in memory"),
        Disk(storage: .init(type: "xfs", isReadOnly: true), verdict: .missing, words: "read-only"),
        Disk(storage: .init(type: "xfs", runsNoPrograms: true), verdict: .missing, words: "noexec"),
        Disk(storage: .init(type: "xfs", hasNoDevices: true), verdict: .degraded, words: "nodev"),
        Disk(
            storage: .init(type: "xfs", hasNoSetUserID: true),
            verdict: .degraded,
            words: "nosuid"
        ),
        Disk(storage: .init(type: "xfs", freeInodes: 9), verdict: .degraded, words: "9 more files"),
        Disk(storage: .init(type: "xfs", freeInodes: 1 << 30), verdict: .good, words: "overlays"),
    ]

    @Test("the mount of a path is the deepest one above it, of several the last")
    func mount() {
        let lines = """
            1 0 0:1 / / rw - ext4 a rw
            2 1 0:2 / /var rw,noexec - xfs b rw
            3 1 0:3 / /var/lib rw - tmpfs c rw
            4 1 0:4 / /var/lib rw - btrfs d rw

            """
        let mounts = MountInfo.parse(Array(lines.utf8))
        for (path, type) in [
            ("/", "ext4"), ("/various", "ext4"), ("/var/x", "xfs"), ("/var/lib/berth", "btrfs"),
            ("/var/lib", "btrfs"), ("/var/library", "xfs"),
        ] {
            #expect(MachineCheck.mount(of: path, in: mounts)?.fileSystemType == type, "\(path)")
        }
    }

    @Test("a state folder that others may read is told")
    func access() {
        #expect(MachineCheck.permissions(owner: 0, mode: 0o40700, at: "/s").verdict == .good)
        let finding = MachineCheck.permissions(owner: 0, mode: 0o40755, at: "/s")
        #expect(finding.verdict == .degraded && finding.state.hasSuffix("has mode 755"))
        #expect(MachineCheck.permissions(owner: 5, mode: 0o40700, at: "/s").verdict == .degraded)
    }

    @Test("one server that answers is enough for names; none is told with what each said")
    func names() {
        #expect(MachineCheck.names([]).state.contains("names no server"))
        let one = MachineCheck.names([("10.0.0.1", .silent), ("10.0.0.2", .answered)])
        #expect(one.verdict == .good && one.state == "10.0.0.2 answers")
        let none = MachineCheck.names([("10.0.0.1", .silent), ("10.0.0.2", .unreachable("down"))])
        #expect(none.verdict == .degraded && none.remedy != nil)
        #expect(none.state == "10.0.0.1 did not answer; 10.0.0.2: down")
        let text = "# nameserver 1.1.1.1\nsearch x\nnameserver 10.0.0.1\n nameserver\t::1 \n"
        #expect(MachineCheck.nameServers(in: text) == ["10.0.0.1", "::1"])
    }

    @Test("published ports are told apart by who reaches them")
    func reach() {
        func published(_ address: String, _ container: String = "a") -> MachineCheck.Published {
            .init(
                container: container,
                binding: PortBinding(hostAddress: address, hostPort: 80, containerPort: 8080)
            )
        }
        #expect(MachineCheck.reach([])[0].state == "no container publishes a port")
        let own = MachineCheck.reach([published("127.0.0.1"), published("::1")])
        #expect(own.count == 1 && own[0].remedy == nil)
        let open = MachineCheck.reach([
            published("0.0.0.0"), published("::"), published("127.0.0.1", "b"),
        ])
        #expect(open.count == 1)
        #expect(open[0].state == "other machines reach a at 0.0.0.0:80/tcp, [::]:80/tcp")
        #expect(open[0].remedy?.contains("127.0.0.1:") == true)
    }
}
