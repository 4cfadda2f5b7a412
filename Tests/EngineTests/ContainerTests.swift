import ContainerNetwork
import ContainerRuntime
import Engine
import Glibc
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@Suite(
    "containers' records",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct ContainerTests {
    let machine: TestEngine
    var engine: Engine { machine.engine }

    init() async throws { machine = try await TestEngine() }

    @Test("hold what was asked for")
    func made() async throws {
        var request = machine.request("web-1") { $0.labels = ["a": "1", "b": "2"] }
        request.number = 1
        request.labels = ["com.docker.compose.project": "shop", "b": "3"]
        let record = try await machine.create(request)
        let read = try await engine.container(record.id)
        #expect(read == record)
        #expect(read.labels == ["a": "1", "b": "3", "com.docker.compose.project": "shop"])
        #expect(try read.spec == request.spec)
        #expect(read.specHash == (try SpecHash.hash(of: request.spec)))
        #expect(read.status == .created)
        #expect(read.desired == .stopped)
    }

    @Test("are all made, or none")
    func batch() async throws {
        let error = await engineError {
            _ = try await engine.createContainers([
                machine.request("web-1"), machine.request("web-2"), machine.request("web-1"),
            ])
        }
        #expect(error?.kind == .conflict)
        #expect(try await engine.containers(ofProject: nil).isEmpty)
    }

    @Test(
        "are refused without what they need",
        arguments: [
            ("no image", "there is no image `nowhere:1`"), ("no network", "there is no network"),
            ("no volume", "there is no volume"), ("bad name", "the name is not allowed"),
        ]
    )
    func refused(what: String, reason: String) async throws {
        var request = machine.request("web-1")
        switch what {
        case "no image":
            request.spec.image = .of(Array("other".utf8))
            request.spec.imageName = "nowhere:1"
        case "no network":
            request.spec.network = .attached([NetworkAttachment(network: "nowhere")])
        case "no volume":
            request.spec.mounts = [
                MountSpec(
                    source: .volume(name: "nowhere", copiesImageContent: true),
                    target: "/data"
                )
            ]
        default: request.name = "web/../1"
        }
        let refused = request
        let error = await engineError { _ = try await engine.createContainers([refused]) }
        #expect(error?.reason.contains(reason) == true)
    }

    @Test("are found by name, identifier and the start of one")
    func found() async throws {
        let first = try await machine.create(machine.request("web-1"))
        #expect(try await engine.container(matching: "web-1").id == first.id)
        #expect(try await engine.container(matching: first.id.text).id == first.id)
        #expect(try await engine.container(matching: first.id.short).id == first.id)
        for text in ["web", "", "%", first.id.text + "0", "zz"] {
            let error = await engineError { _ = try await engine.container(matching: text) }
            #expect(error?.kind == .notFound)
        }
        var letters = Set<Character>()
        var doubled: Character?
        for index in 2...40 where doubled == nil {
            let record = try await machine.create(machine.request("web-\(index)"))
            let letter = try #require(record.id.text.first)
            if !letters.insert(letter).inserted { doubled = letter }
        }
        let ambiguous = await engineError {
            _ = try await engine.container(matching: String(try #require(doubled)))
        }
        #expect(ambiguous?.kind == .conflict)
    }

    @Test("a new volume can be read by who is not root, whatever the umask, and keeps its mode")
    func volumeMode() async throws {
        let mask = umask(0o077)
        defer { umask(mask) }
        try await engine.createVolume(VolumeRequest(name: "shared"))
        let folder = engine.layout.volumeData("shared").string
        var status = stat()
        try #require(stat(folder, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o755)
        try #require(chmod(folder, 0o1770) == 0)
        try await engine.createVolume(VolumeRequest(name: "shared"))
        try #require(stat(folder, &status) == 0)
        #expect(status.st_mode & 0o7777 == 0o1770)
    }

    @Test("go with their folders and anonymous volumes, and no other volume")
    func removed() async throws {
        try await engine.createVolume(VolumeRequest(name: "shop_data"))
        let record = try await machine.create(
            machine.request("web-1") { spec in
                spec.mounts = [
                    MountSpec(
                        source: .volume(name: "shop_data", copiesImageContent: true),
                        target: "/d"
                    ),
                    MountSpec(source: .anonymousVolume(copiesImageContent: true), target: "/a"),
                ]
            }
        )
        #expect(try await engine.volumes().count == 2)
        let inUse = await engineError { try await engine.removeVolume(named: "shop_data") }
        #expect(inUse?.kind == .inUse)
        try makeDirectories(engine.layout.container(record.id.text).appending("log"))
        try await engine.removeContainers([record.id, .random()], withAnonymousVolumes: true)
        #expect(try await engine.volumes().map(\.name) == ["shop_data"])
        #expect(!exists(engine.layout.container(record.id.text)))
        try await engine.removeVolume(named: "shop_data")
        #expect(!exists(engine.layout.volumes.appending("shop_data")))
        #expect(try await engine.audit().isEmpty)
    }

    @Test("pass name, address and anonymous volumes on to what replaces them")
    func replaced() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        let mounts = [
            MountSpec(source: .anonymousVolume(copiesImageContent: true), target: "/a")
        ]
        let old = try await machine.create(
            machine.request("web-1", network: "net") { $0.mounts = mounts }
        )
        let before = try await engine.observe(old.id)
        let new = try await engine.replaceContainer(
            old.id,
            with: machine.request("web-1", network: "net") {
                $0.mounts = mounts
                $0.hostname = "changed"
            },
            renewsVolumes: false
        )
        let after = try await engine.observe(new.id)
        #expect(after.record.name == "web-1")
        #expect(after.endpoints.map(\.addresses) == before.endpoints.map(\.addresses))
        #expect(after.volumes.map(\.volume) == before.volumes.map(\.volume))
        #expect(try await engine.containers(ofProject: "shop").map(\.id) == [new.id])

        let renewed = try await engine.replaceContainer(
            new.id,
            with: machine.request("web-1", network: "net") { $0.mounts = mounts },
            renewsVolumes: true
        )
        let last = try await engine.observe(renewed.id)
        #expect(last.volumes.map(\.volume) != after.volumes.map(\.volume))
        #expect(try await engine.volumes().count == 1)
    }

    @Test("that fail to be replaced stay as they are")
    func notReplaced() async throws {
        let old = try await machine.create(machine.request("web-1"))
        let error = await engineError {
            _ = try await engine.replaceContainer(
                old.id,
                with: machine.request("web-1", network: "nowhere"),
                renewsVolumes: false
            )
        }
        #expect(error?.kind == .notFound)
        #expect(try await engine.container(matching: "web-1") == old)
    }

    @Test("tell of a run and its end")
    func life() async throws {
        let record = try await machine.create(machine.request("web-1"))
        try await engine.setDesired(.running, of: [record.id])
        try await engine.failedToStart(record.id, because: "no such program", code: 127)
        var read = try await engine.container(record.id)
        #expect(read.status == .created && read.exitCode == 127 && read.error == "no such program")
        #expect(read.desired == .running)
        let exit = ExitRecord(
            cause: .signalled(9),
            oomKilled: true,
            startedAtNanoseconds: 1,
            finishedAtNanoseconds: 2
        )
        try await engine.exited(record.id, exit, restarting: true)
        read = try await engine.container(record.id)
        #expect(read.status == .restarting && read.exitCode == 137 && read.oomKilled)
        #expect(read.finishedAt?.nanoseconds == 2 && read.error == nil)
        try await engine.exited(record.id, nil, restarting: false)
        read = try await engine.container(record.id)
        #expect(read.status == .exited && read.exitCode == nil && read.error != nil)
        let events = try await engine.events(after: 0).filter { $0.kind == .container }
        #expect(events.map(\.action) == ["create", "oom", "die", "die"])
        let ends = events.compactMap(\.end)
        #expect(ends.map(\.exitCode) == [137, 137])
        #expect(ends.map(\.isRestarting) == [true, false])
    }

    @Test("take another name")
    func renamed() async throws {
        let first = try await machine.create(machine.request("web-1"))
        _ = try await machine.create(machine.request("web-2"))
        let taken = await engineError { try await engine.renameContainer(first.id, to: "web-2") }
        #expect(taken?.kind == .conflict)
        try await engine.renameContainer(first.id, to: "web-3")
        #expect(try await engine.container(matching: "web-3").id == first.id)
    }
}
