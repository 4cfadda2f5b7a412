import Addresses
import ContainerNetwork
import ContainerRuntime
import GRDB
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Engine

@Suite("recovery", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct RecoveryTests {
    let machine: TestEngine
    var engine: Engine { machine.engine }
    var layout: Layout { engine.layout }

    init() async throws {
        machine = try await TestEngine()
        // The first one only notes the boot.
        try await machine.engine.recover()
    }

    /// Changes the database behind the engine's back.
    private func tamper(_ sql: String) async throws {
        let store = try RecordStore(path: layout.database)
        try await store.write { db in try db.execute(sql: sql) }
    }

    @Test("has nothing to do after an orderly life")
    func orderly() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        try await engine.createVolume(VolumeRequest(name: "data"))
        let record = try await machine.create(machine.request("web-1", network: "net"))
        try makeDirectories(layout.container(record.id.text))
        #expect(try await engine.recover() == Recovery())
        #expect(try await engine.audit().isEmpty)
        #expect(try await engine.containers(ofProject: "shop").map(\.id) == [record.id])
    }

    @Test("knows that nothing runs after a restart of the machine")
    func reboot() async throws {
        let record = try await machine.create(machine.request("web-1"))
        try await engine.setDesired(.running, of: [record.id])
        try await tamper("UPDATE containers SET status = 'running', startedAt = 5")
        try await tamper("UPDATE facts SET value = 'another boot' WHERE name = 'bootID'")
        let recovery = try await engine.recover()
        #expect(recovery.rebooted)
        #expect(recovery.lost == ["web-1"])
        let read = try await engine.container(record.id)
        #expect(read.status == .exited && read.exitCode == nil && read.desired == .running)
        #expect(read.error?.contains("machine was restarted") == true)
        #expect(try await engine.recover() == Recovery())
    }

    @Test("removes after a restart of the machine what was to go at its end")
    func rebootOfShortLived() async throws {
        let record = try await machine.create(
            machine.request("web-1") {
                $0.isRemovedAtEnd = true
                $0.mounts = [
                    MountSpec(source: .anonymousVolume(copiesImageContent: true), target: "/a")
                ]
            }
        )
        try makeDirectories(layout.container(record.id.text))
        try await tamper("UPDATE containers SET status = 'running', startedAt = 5")
        try await tamper("UPDATE facts SET value = 'another boot' WHERE name = 'bootID'")
        let recovery = try await engine.recover()
        #expect(recovery.lost == ["web-1"])
        #expect(recovery.removed == ["container \(record.id.short)"])
        #expect(try await engine.containers(ofProject: nil).isEmpty)
        #expect(try await engine.volumes().isEmpty)
        #expect(!exists(layout.container(record.id.text)))
    }

    @Test("finishes a removal that was cut short, with the volumes that were to go")
    func cutRemoval() async throws {
        let record = try await machine.create(
            machine.request("web-1") {
                $0.mounts = [
                    MountSpec(source: .anonymousVolume(copiesImageContent: true), target: "/a")
                ]
            }
        )
        try makeDirectories(layout.container(record.id.text).appending("upper"))
        try await tamper("UPDATE containers SET isRemoving = 2, name = '~' || id")
        #expect(try await engine.containers(ofProject: nil).isEmpty)
        #expect(try await engine.recover().removed == ["container \(record.id.short)"])
        #expect(!exists(layout.container(record.id.text)))
        #expect(try await engine.volumes().isEmpty)
        #expect(try await engine.audit().isEmpty)
    }

    @Test("removes folders, trash, bridges and links that no record explains, and only those")
    func foreign() async throws {
        let known = try await engine.createNetwork(NetworkRequest(name: "net"))
        let kept = try await machine.create(machine.request("web-1", network: "net"))
        try makeDirectories(layout.container(kept.id.text))
        let lost = ContainerID.random()
        for folder in [
            layout.container(lost.text).appending("upper/etc"), layout.volumeData("lost"),
            layout.trash.appending("half/removed"), layout.projectRun("gone"),
        ] { try makeDirectories(folder) }
        let subnet = try #require(IPv4Subnet("10.98.0.0/24"))
        let foreign = NetworkConfiguration(
            id: ContainerID.random().text,
            name: "lost",
            ipv4: AddressBlock(subnet, gateway: try AddressPool.gateway(of: subnet))
        )
        try await engine.kernel.ensure(foreign)

        let findings = try await engine.audit()
        #expect(findings.filter { $0.kind == .directory }.count == 4)
        #expect(findings.contains { $0.kind == .link && $0.name == foreign.bridgeName })
        #expect(!findings.contains { $0.name.contains(known.id.short) })

        let recovery = try await engine.recover()
        #expect(recovery.failed.isEmpty)
        #expect(!exists(layout.container(lost.text)))
        #expect(exists(layout.container(kept.id.text)))
        #expect(!exists(layout.projectRun("gone")))
        let left = try await engine.audit()
        #expect(left.map(\.name) == [layout.volumes.appending("lost").string])
    }

    @Test("keeps volumes that lost their record, and gives them to the next volume of that name")
    func lostRecords() async throws {
        try await engine.createVolume(VolumeRequest(name: "data"))
        let file = layout.volumeData("data").appending("precious")
        try atomicWrite(Array("mine".utf8), to: file, mode: 0o644)
        try await tamper("DELETE FROM volumes")
        #expect(try await engine.recover() == Recovery())
        #expect(exists(file))
        #expect(try await engine.audit().map(\.kind) == [.directory])
        try await engine.createVolume(VolumeRequest(name: "data"))
        #expect(try await engine.audit().isEmpty)
        #expect(try readFile(file, limit: 100) == Array("mine".utf8))
        try await engine.removeVolume(named: "data")
        #expect(!exists(file))
        #expect(try folderEntries(layout.trash).isEmpty)
    }

    @Test("a volume whose removal is not written has its content again")
    func unwrittenRemoval() async throws {
        try await engine.createVolume(VolumeRequest(name: "data"))
        let file = layout.volumeData("data").appending("precious")
        try atomicWrite(Array("mine".utf8), to: file, mode: 0o644)
        try await tamper(
            "CREATE TRIGGER refuse BEFORE DELETE ON volumes BEGIN SELECT raise(ABORT, 'no'); END"
        )
        await #expect(throws: (any Error).self) { try await engine.removeVolume(named: "data") }
        #expect(exists(file))
        #expect(try folderEntries(layout.trash).isEmpty)
        try await tamper("DROP TRIGGER refuse")
    }

    @Test("removes the locks of a command that was killed before it made anything, and no others")
    func foreignLocks() async throws {
        try await engine.record(ProjectRecord(name: "known", directory: "/", files: []))
        _ = try await machine.create(machine.request("web-1"))
        for name in ["known", "killed"] {
            let lock = try await engine.convergenceLock(ofProject: name)
            _ = consume lock
        }
        let working = try await engine.convergenceLock(ofProject: "working")
        #expect(try await engine.recover().removed == ["locks of project killed"])
        withExtendedLifetime(working) {
            #expect(exists(layout.projectLocks("working")))
        }
        #expect(exists(layout.projectLocks("known")))
        #expect(!exists(layout.projectLocks("killed")))
    }

    @Test(
        "removes cgroups that are empty and of nobody who runs, in every hierarchy, and only those"
    )
    func foreignCgroups() async throws {
        let cgroups = engine.runtime.cgroups
        let ended = try await machine.create(machine.request("web-1"))
        let busy = ContainerID.random()
        let groups = try [ended.id, .random(), busy].map { id in
            try cgroups.create(id, parent: id.short, limits: ResourceLimits())
        }
        let folders = groups[2].paths.filter { $0.lastComponent?.string == busy.text }
        let join = folders.map { "echo 0 > \($0)/cgroup.procs" }.joined(separator: "; ")
        let process = try spawn(
            SpawnRequest(
                program: "/bin/sh",
                arguments: ["sh", "-c", "\(join); exec /bin/busybox sleep 1000"]
            )
        )
        while try groups[2].processes().isEmpty { await Task.yield() }
        try #require(try await engine.audit().filter { $0.kind == .cgroup }.count > 2)

        #expect(try await engine.recover().failed.isEmpty)
        #expect(Set(cgroups.entries().compactMap(\.container)) == [busy])
        try process.signal(SIGKILL)
        _ = try await process.exitStatus()
        #expect(try await engine.recover().removed.isEmpty == false)
        #expect(cgroups.entries().isEmpty)
        #expect(try await engine.audit().isEmpty)
    }

    @Test("a check gives what every look finds, and not what begins or ends meanwhile")
    func severalLooks() async throws {
        let lasting = layout.trash.appending("lasting")
        let passing = (0..<3).map { layout.trash.appending("passing-\($0)") }
        for folder in [lasting, passing[0]] { try makeDirectories(folder) }
        let change: @Sendable (Int) throws -> Void = { number in
            try removeTree(passing[number])
            try makeDirectories(passing[number + 1])
        }
        let found = try await engine.audit(pauses: [{ try change(0) }, { try change(1) }])
        #expect(found.map(\.name) == [lasting.string])
        // On a healthy machine nothing is looked at again.
        try removeTree(layout.trash)
        try makeDirectories(layout.trash)
        let none = try await engine.audit(pauses: [{ Issue.record("looked again") }])
        #expect(none == [])
    }

    @Test("a check leaves the end of a container to the living supervisor that is to note it")
    func ending() async throws {
        let record = try await machine.create(machine.request("web-1"))
        try await tamper("UPDATE containers SET status = 'running', startedAt = 5")
        let group = try engine.runtime.cgroups.create(
            record.id,
            parent: "shop",
            limits: ResourceLimits()
        )
        #expect(try await engine.audit(pauses: []).contains { $0.kind == .cgroup })
        try makeDirectories(layout.projectLocks("shop"))
        let lock = try FileLock.tryAcquire(layout.supervisorLock("shop"))
        try SupervisorMark.write(to: layout.supervisorLock("shop"), run: layout.run)
        #expect(try await engine.audit(pauses: []) == [])
        withExtendedLifetime(lock) {}
        try group.remove()
    }

    @Test("of another state folder in the same place leaves everything of this one alone")
    func twoStateFolders() async throws {
        let other = try machine.neighbour()
        try await other.recover()
        let network = try await engine.createNetwork(NetworkRequest(name: "net"))
        let inventory = Set(try await machine.kernel.inventory())
        #expect(try await other.audit() == [])
        #expect(try await other.recover() == Recovery())
        #expect(Set(try await machine.kernel.inventory()) == inventory)
        // Nor does it give away this one's addresses.
        let second = try await other.createNetwork(NetworkRequest(name: "net"))
        #expect(second.subnet != network.subnet)
        #expect(try await engine.audit() == [])
        try await other.removeNetwork(named: "net")
        #expect(Set(try await machine.kernel.inventory()) == inventory)
        #expect(try await engine.audit() == [])
    }

    @Test("puts back what the kernel has lost of a network; where nothing runs, nobody misses it")
    func lostNetwork() async throws {
        _ = try await engine.createNetwork(NetworkRequest(name: "net"))
        let inventory = Set(try await machine.kernel.inventory())
        for object in inventory { try await machine.kernel.remove(object) }
        #expect(try await engine.audit() == [])
        let first = try await engine.recover()
        // Of one that nothing is on yet that is nothing to warn of: another command may be making it.
        #expect(!first.completed.isEmpty && first.mended.isEmpty && first.failed.isEmpty)
        #expect(Set(try await machine.kernel.inventory()) == inventory)
        #expect(try await engine.audit() == [])
        #expect(try await engine.recover() == Recovery())
        // It is for one that a container has a place on, and then also of the firewall.
        _ = try await machine.create(machine.request("web-1", network: "net"))
        for object in inventory { try await machine.kernel.remove(object) }
        let second = try await engine.recover()
        #expect(second.mended == first.completed && second.completed.isEmpty)
        #expect(Set(try await machine.kernel.inventory()) == inventory)
        #expect(try await engine.recover() == Recovery())
    }

    @Test("leaves the network of a build that lives, lists and removes that of one that was killed")
    func builds() async throws {
        var request = NetworkRequest(name: "build-1")
        request.key = Engine.buildNetworkKey
        try makeDirectories(layout.builds)
        var lock = try FileLock.tryAcquire(layout.buildLock("build-1"))
        let network = try await engine.createNetwork(request)
        try await machine.kernel.ensure(network.configuration)
        #expect(try await engine.audit() == [])
        #expect(try await engine.recover() == Recovery())

        #expect(lock != nil)
        lock = nil
        let findings = try await engine.audit()
        let bridge = findings.first { $0.name == network.configuration.bridgeName }
        #expect(bridge?.reason.contains("left by a build that was killed") == true, "\(findings)")
        #expect(try await engine.recover().removed == ["network build-1"])
        #expect(try await engine.audit() == [])
        #expect(try await engine.networks() == [])
        #expect(try folderEntries(layout.builds) == [])
    }

    @Test("lists and removes half-made things, but not the beginning of a blob")
    func remains() async throws {
        let staging = layout.root.appending("staging")
        let cache = layout.buildCache.appending("cache/ab")
        try makeDirectories(staging.appending("adopted-1/fs"))
        try makeDirectories(cache)
        let hex = ContainerID.random().text
        for path in [
            staging.appending("spool-1"), staging.appending("\(hex).blob"),
            cache.appending(".key.abc.tmp"),
        ] { try atomicWrite([1], to: path) }
        let findings = try await engine.audit()
        #expect(
            findings.map { "\($0.kind.rawValue) \($0.name)" } == [
                "directory \(staging)/adopted-1", "file \(staging)/spool-1",
                "file \(cache)/.key.abc.tmp",
            ]
        )
        #expect(findings.allSatisfy { $0.reason.contains("left by a command that was killed") })
        #expect(
            try await engine.recover().removed == [
                "\(staging)/adopted-1", "\(staging)/spool-1",
            ]
        )
        #expect(exists(staging.appending("\(hex).blob")))
        // The builder removes its own.
        #expect(try await engine.audit().map(\.name) == ["\(cache)/.key.abc.tmp"])
    }

    @Test("may happen beside everything else", .timeLimit(.minutes(2)))
    func beside() async throws {
        let machine = machine
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<4 {
                group.addTask {
                    let engine = try machine.another()
                    for round in 0..<5 {
                        let name = "p\(index)-\(round)"
                        try await engine.createNetwork(NetworkRequest(name: name))
                        try await engine.createVolume(VolumeRequest(name: name))
                        let record = try await engine.createContainers([
                            machine.request(name, network: name)
                        ])[0]
                        try makeDirectories(engine.layout.container(record.id.text))
                        try await engine.removeContainers([record.id], withAnonymousVolumes: true)
                        try await engine.removeNetwork(named: name)
                        try await engine.removeVolume(named: name)
                    }
                }
                group.addTask {
                    let engine = try machine.another()
                    for _ in 0..<10 {
                        let failed = try await engine.recover().failed
                        #expect(failed == [])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await engine.audit().isEmpty)
    }
}
