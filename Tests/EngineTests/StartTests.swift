import Addresses
import ContainerNetwork
import ContainerRuntime
import Foundation
import Glibc
import ImageStore
import Linux
import Logging
import OCI
import SystemPackage
import TestSupport
import Testing

@testable import Engine

/// An engine with a real keeper and a busybox image.
struct RunningEngine: Sendable {
    let machine: TestEngine
    let image: ImageRecord
    var engine: Engine { machine.engine }

    init() async throws {
        machine = try await TestEngine(keeper: FilePath(Products.keeper))
        let upper = machine.scratch("root/staging-of-test")
        try makeBusyboxTree(at: upper, applets: ["sh", "echo", "cat", "sleep", "true"])
        let layer = try machine.engine.imageStore.adoptLayer(upper)
        let configuration = Array(#"{"architecture":"amd64","os":"linux","x":"busybox"}"#.utf8)
        image = ImageRecord(
            id: .of(configuration),
            manifest: nil,
            configuration: configuration,
            layers: [ImageRecord.Layer(diffID: layer.diffID, blob: nil)],
            sizeBytes: layer.size,
            recordedAt: .now()
        )
        try await machine.engine.record(image, as: [try ImageReference("busybox")])
    }

    func request(_ name: String, _ script: String, network: String?) -> ContainerRequest {
        var request = machine.request(name, network: network) { spec in
            spec.image = image.id
            spec.process = ProcessSpec(arguments: ["/bin/sh", "-c", script])
            spec.process.environment = ["PATH=/bin"]
        }
        request.spec.stop.grace = .zero
        return request
    }

    /// What the supervisor does.
    func start(_ record: ContainerRecord) async throws -> (RunningContainer, PreparedStart) {
        let prepared = try await engine.prepareStart(record.id)
        let created = try await engine.runtime.create(prepared.spec, at: prepared.placement)
        try await engine.attachNetworks(created, prepared)
        let running = try await created.start()
        try await engine.started(
            running,
            published: prepared.published,
            hasHealthcheck: false
        )
        return (running, prepared)
    }

    func end(_ running: RunningContainer) async throws {
        let exit = try await running.wait()
        try await engine.releaseNetworks(running.id)
        try await engine.exited(running.id, exit, restarting: false)
    }

    func lines(_ ids: [ContainerID], _ follow: LogSelection.Follow = .no) async throws -> [String] {
        var selection = LogSelection()
        selection.follow = follow
        var lines: [String] = []
        try await engine.readLogs(of: ids, selection) { batch in
            lines += batch.map { String(decoding: $0.bytes, as: UTF8.self) }
        }
        return lines
    }
}

@Suite(
    "containers that run",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct StartTests {
    let bench: RunningEngine
    var engine: Engine { bench.engine }

    init() async throws { bench = try await RunningEngine() }

    @Test("are connected, known by name, observed, and leave nothing behind")
    func life() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        var request = bench.request("web-1", "cat /etc/hosts; exec sleep 1000", network: "net")
        request.spec.ports = [
            PortBinding(hostAddress: "127.0.0.1", hostPort: nil, containerPort: 80)
        ]
        let web = try await bench.machine.create(request)
        var named = bench.request("store-1", "exec sleep 1000", network: "net")
        named.spec.hostname = "Safe.Example"
        let store = try await bench.machine.create(named)
        let (running, prepared) = try await bench.start(web)
        #expect(prepared.published.first?.hostPort != nil)
        #expect(prepared.warnings.isEmpty)
        let (other, _) = try await bench.start(store)

        let observed = try await engine.observe(web.id)
        #expect(observed.record.status == .running)
        #expect(observed.initPID == running.initPID)
        #expect(observed.record.published == prepared.published)
        let names = try #require(try await engine.names(visibleTo: web.id).first)
        let address = try #require(try await bench.machine.endpoint(store.id).addresses.first)
        for name in ["store", "store-1", store.id.short, "safe.example"] {
            #expect(names.addresses[name] == [address])
        }
        #expect(names.names[address] == "store-1")
        let refused = await engineError {
            try await engine.removeContainers([web.id], withAnonymousVolumes: true)
        }
        #expect(refused?.kind == .inUse)
        #expect(try await engine.audit().isEmpty)

        for container in [running, other] {
            try engine.runtime.kill(container, signal: SIGKILL)
            try await bench.end(container)
        }
        let ended = try await engine.container(web.id)
        #expect(ended.status == .exited && ended.exitCode == 137 && ended.published.isEmpty)
        #expect(try await engine.names(visibleTo: web.id).first?.addresses["store"] == nil)
        #expect(try await bench.lines([web.id]).contains { $0.hasSuffix("\t\(web.id.short)\n") })
        try await engine.removeContainers([web.id, store.id], withAnonymousVolumes: true)
        try await engine.removeNetwork(named: "net")
        #expect(try await engine.audit().isEmpty)
        #expect(try await bench.machine.kernel.inventory().isEmpty)
    }

    @Test("are explained to a check while a living supervisor starts them")
    func starting() async throws {
        let layout = engine.layout
        try await engine.createNetwork(NetworkRequest(name: "net"))
        let record = try await bench.machine.create(
            bench.request("web-1", "exec sleep 1000", network: "net")
        )
        try await engine.setDesired(.running, of: [record.id])
        let prepared = try await engine.prepareStart(record.id)
        let created = try await engine.runtime.create(prepared.spec, at: prepared.placement)
        try await engine.attachNetworks(created, prepared)
        let found = Set(try await engine.audit(pauses: []).map(\.kind))
        #expect(found == [.link, .cgroup, .process])

        try makeDirectories(layout.projectLocks("shop"))
        let lock = try FileLock.tryAcquire(layout.supervisorLock("shop"))
        try SupervisorMark.write(to: layout.supervisorLock("shop"), run: layout.run)
        #expect(try await engine.audit(pauses: []) == [])
        await created.abort()
        withExtendedLifetime(lock) {}
        try await engine.releaseNetworks(of: prepared)
        #expect(try await engine.audit() == [])
    }

    @Test("are connected again when a network was removed while they did not run")
    func reconnected() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        let record = try await bench.machine.create(
            bench.request("web-1", "exec sleep 100", network: "net")
        )
        try await engine.removeNetwork(named: "net", disconnectsStopped: true)
        let error = await engineError {
            _ = try await engine.prepareStart(record.id)
        }
        #expect(error?.kind == .notFound)
        #expect(error?.description.contains("cannot start container `web-1`") == true)
        #expect(error?.description.contains("there is no network `net`") == true)

        var request = NetworkRequest(name: "net")
        request.pools = [NetworkRequest.Pool(subnet: "10.99.7.0/24")]
        try await engine.createNetwork(request)
        let (running, _) = try await bench.start(record)
        let address = try #require(IPv4Address("10.99.7.2"))
        #expect(try await bench.machine.endpoint(record.id).ipv4 == address)
        let refused = await engineError {
            try await engine.removeNetwork(named: "net", disconnectsStopped: true)
        }
        #expect(refused?.kind == .inUse)
        try engine.runtime.kill(running, signal: SIGKILL)
        try await bench.end(running)
        try await engine.removeContainers([record.id], withAnonymousVolumes: true)
        try await engine.removeNetwork(named: "net")
        #expect(try await engine.audit().isEmpty)
    }

    @Test("that ended unseen are observed as ended, with their code, and can be removed")
    func unseen() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        var request = bench.request("web-1", "exit 3", network: "net")
        request.spec.ports = [
            PortBinding(hostAddress: "127.0.0.1", hostPort: nil, containerPort: 80)
        ]
        let record = try await bench.machine.create(request)
        let (running, _) = try await bench.start(record)
        _ = try await running.wait()
        #expect(try await engine.container(record.id).status == .running)
        let observed = try await engine.observe(record.id)
        #expect(observed.record.status == .exited)
        #expect(observed.record.exitCode == 3)
        #expect(observed.record.finishedAt != nil)
        try await engine.removeContainers([record.id], withAnonymousVolumes: true)
        try await engine.removeNetwork(named: "net")
        #expect(try await bench.machine.kernel.inventory().isEmpty)
        #expect(try await engine.audit().isEmpty)
    }

    @Test("have one log over their runs, which a follower reads to its end")
    func logs() async throws {
        let record = try await bench.machine.create(
            bench.request("web-1", "echo one; sleep 0.2; echo two", network: nil)
        )
        let (running, _) = try await bench.start(record)
        async let followed = bench.lines([record.id], .whileRunning)
        try await bench.end(running)
        #expect(try await followed == ["one\n", "two\n"])
        let (again, _) = try await bench.start(record)
        try await bench.end(again)
        #expect(try await bench.lines([record.id]) == ["one\n", "two\n", "one\n", "two\n"])
    }

    @Test("get their links, ports and networks back, all of them at once")
    func mended() async throws {
        // The first one of a state folder takes what runs for lost with a restart of the machine.
        try await engine.recover()
        try await engine.createNetwork(NetworkRequest(name: "net"))
        try await engine.createNetwork(NetworkRequest(name: "second"))
        var request = bench.request("web-1", "exec sleep 1000", network: "net")
        request.spec.network = .attached([
            NetworkAttachment(network: "net"), NetworkAttachment(network: "second"),
        ])
        request.spec.ports = [
            PortBinding(hostAddress: "127.0.0.1", hostPort: nil, containerPort: 80)
        ]
        let record = try await bench.machine.create(request)
        let (running, _) = try await bench.start(record)
        let kernel = bench.machine.kernel
        let inventory = Set(try await kernel.inventory())
        #expect(try await engine.mendNetwork() == Mending())
        for object in inventory { try await kernel.remove(object) }
        // A command that only takes away leaves the looking to others.
        #expect(try await engine.recover(mending: false).mended.isEmpty)
        #expect(try await kernel.inventory().isEmpty)
        let mending = try await engine.mendNetwork(of: [record.id])
        #expect(mending.failed.isEmpty)
        #expect(Set(try await kernel.inventory()) == inventory)
        #expect(try await engine.audit().isEmpty)
        // One that has ended gets nothing back, though its record says that it runs.
        try engine.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        try await engine.releaseNetworks(record.id)
        let left = Set(try await kernel.inventory())
        try await engine.mendNetwork(of: [record.id])
        #expect(Set(try await kernel.inventory()) == left)
        try await bench.end(running)
    }

    @Test("keep a port of the host from others, and name who has it")
    func ports() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        var request = bench.request("web-1", "exec sleep 1000", network: "net")
        let free = try await bench.machine.kernel.holdPort(
            try #require(IPAddress("127.0.0.1")),
            nil,
            .tcp
        )
        request.spec.ports = [
            PortBinding(hostAddress: "127.0.0.1", hostPort: free.port, containerPort: 80)
        ]
        let record = try await bench.machine.create(request)
        await #expect(throws: NetworkError.self) { try await engine.prepareStart(record.id) }
        withExtendedLifetime(free) {}
    }

    @Test("take the first port of a range that nobody has, the preferred one before all")
    func range() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        let kernel = bench.machine.kernel
        let address = try #require(IPAddress("127.0.0.1"))
        // A range whose ports are free now, in a network namespace of the test's own.
        let range = PortRange(18090, 18092)
        var binding = PortBinding(hostAddress: "127.0.0.1", hostRange: range, containerPort: 80)
        let foreign = try await kernel.holdPort(address, 18090, .tcp)
        func prepared(_ name: String) async throws -> PreparedStart {
            var request = bench.request(name, "exec sleep 1000", network: "net")
            request.spec.ports = [binding]
            let record = try await bench.machine.create(request)
            return try await engine.prepareStart(record.id)
        }
        let first = try await prepared("web-1")
        #expect(first.published.map(\.hostPort) == [18091])
        #expect(first.published.map(\.hostRange) == [nil])
        binding.hostPort = 18092
        let second = try await prepared("web-2")
        #expect(second.published.map(\.hostPort) == [18092])
        let error = await #expect(throws: EngineError.self) { _ = try await prepared("web-3") }
        #expect(error?.kind == .inUse)
        #expect(error?.description.contains("18090-18092/tcp are in use") == true)
        withExtendedLifetime((foreign, first, second)) {}
    }

    @Test("of a build have a network as long as the build needs it")
    func buildUplink() async throws {
        let bench = bench
        let kernel = bench.machine.kernel
        let record = try await bench.machine.create(
            bench.request("step-1", "cat /proc/net/fib_trie", network: nil)
        )
        try await engine.withBuildUplink { uplink in
            #expect(uplink.resolvConf.contains("nameserver"))
            #expect(try await kernel.inventory().isEmpty)
            let prepared = try await engine.prepareStart(record.id)
            let created = try await engine.runtime.create(prepared.spec, at: prepared.placement)
            let disconnect = try await uplink.connect(created)
            #expect(try await engine.audit().filter { $0.kind == .link }.isEmpty)
            #expect(try await engine.recover().removed.isEmpty)
            _ = try await created.start().wait()
            await disconnect()
            let network = try #require(try await engine.networks().first)
            let lines = try await bench.lines([record.id])
            #expect(lines.contains { $0.contains("\(network.subnet.base)") })
        }
        #expect(try await engine.networks().isEmpty)
        #expect(try await kernel.inventory().isEmpty)
    }

    @Test("of a build that was killed leave a network that recovery removes")
    func killedBuild() async throws {
        var request = NetworkRequest(name: "build-0123456789ab")
        request.key = "berth.build"
        try await engine.createNetwork(request)
        #expect(try await engine.recover().removed == ["network build-0123456789ab"])
        #expect(try await engine.networks().isEmpty)
        #expect(try await bench.machine.kernel.inventory().isEmpty)
    }

    @Test("without a layer of their image are refused")
    func missingLayer() async throws {
        let record = try await bench.machine.create(bench.request("web-1", "true", network: nil))
        try removeTree(engine.layout.root.appending("layers"))
        let error = await engineError { _ = try await engine.prepareStart(record.id) }
        #expect(error?.reason.contains("is missing") == true)
    }
}
