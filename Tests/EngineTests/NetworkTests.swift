import Addresses
import ContainerNetwork
import ContainerRuntime
import Engine
import Testing
import TestSupport

@Suite("networks", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct NetworkTests {
    let machine: TestEngine
    var engine: Engine { machine.engine }

    init() async throws { machine = try await TestEngine() }

    @Test("get subnets of their own, whoever makes them at the same time")
    func subnets() async throws {
        let machine = machine
        let records = try await withThrowingTaskGroup(of: NetworkRecord.self) { group in
            for index in 0..<12 {
                group.addTask {
                    try await machine.another().createNetwork(NetworkRequest(name: "net\(index)"))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (index, record) in records.enumerated() {
            for other in records[..<index] { #expect(!record.subnet.overlaps(other.subnet)) }
            #expect(record.subnet.contains(record.gateway))
        }
        #expect(try await engine.networks().count == 12)
    }

    @Test("are in the kernel once made, and nothing of them once removed")
    func kernel() async throws {
        let record = try await engine.createNetwork(NetworkRequest(name: "shop_default"))
        let bridges = try await machine.kernel.inventory().filter { $0.kind == .bridge }
        #expect(bridges.compactMap(\.owner?.networkID) == [record.id.text])
        try await engine.removeNetwork(named: "shop_default")
        #expect(try await machine.kernel.inventory().isEmpty)
        #expect(try await engine.networks().isEmpty)
    }

    @Test("have names only once, and bad names never")
    func names() async throws {
        try await engine.createNetwork(NetworkRequest(name: "shop_default"))
        let taken = await engineError {
            try await engine.createNetwork(NetworkRequest(name: "shop_default"))
        }
        #expect(taken?.kind == .conflict)
        for name in ["", "  ", "a\nb", "\u{1B}[2J", String(repeating: "a", count: 300)] {
            let error = await engineError {
                try await engine.createNetwork(NetworkRequest(name: name))
            }
            #expect(error?.kind == .invalid)
        }
        // As docker, whose rule this is.
        for name in ["x", "a b", "é", ".a", "-a"] {
            #expect(try await engine.createNetwork(NetworkRequest(name: name)).name == name)
        }
    }

    @Test("take the subnet asked for, unless it overlaps")
    func requested() async throws {
        var request = NetworkRequest(name: "first")
        request.pools = [NetworkRequest.Pool(subnet: "10.99.0.0/24")]
        request.pools[0].gateway = "10.99.0.254"
        request.pools[0].ipRange = "10.99.0.128/25"
        let record = try await engine.createNetwork(request)
        #expect(record.gateway == IPv4Address("10.99.0.254"))
        let container = try await machine.create(machine.request("web-1", network: "first"))
        #expect(try await machine.endpoint(container.id).ipv4 == IPv4Address("10.99.0.128"))
        request.name = "second"
        request.pools = [NetworkRequest.Pool(subnet: "10.99.0.128/25")]
        let error = await engineError { try await engine.createNetwork(request) }
        #expect(error?.kind == .conflict)
        #expect(error?.description.contains("network first") == true)
    }

    @Test("are not removed while a container is connected")
    func inUse() async throws {
        try await engine.createNetwork(NetworkRequest(name: "shop_default"))
        let container = try await machine.create(machine.request("web-1", network: "shop_default"))
        let error = await engineError { try await engine.removeNetwork(named: "shop_default") }
        #expect(error?.kind == .inUse)
        #expect(error?.description.contains("web-1") == true)
        try await engine.removeContainers([container.id], withAnonymousVolumes: false)
        try await engine.removeNetwork(named: "shop_default")
    }

    @Test("give every container an address of its own, whoever asks at the same time")
    func addresses() async throws {
        try await engine.createNetwork(NetworkRequest(name: "shop_default"))
        let machine = machine
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<8 {
                group.addTask {
                    _ = try await machine.another().createContainers(
                        (0..<10).map {
                            machine.request("web-\(index)-\($0)", network: "shop_default")
                        }
                    )
                }
            }
            try await group.waitForAll()
        }
        let observed = try await engine.observe(project: "shop")
        let addresses = observed.containers.flatMap(\.endpoints).compactMap(\.ipv4)
        #expect(Set(addresses).count == 80)
        #expect(addresses.allSatisfy { observed.networks[0].subnet.contains($0) })
    }

    @Test("do not give an address again at once, but rather than none")
    func rest() async throws {
        var request = NetworkRequest(name: "small")
        request.pools = [NetworkRequest.Pool(subnet: "10.99.0.0/29")]
        try await engine.createNetwork(request)
        let first = try await machine.create(machine.request("web-1", network: "small"))
        let address = try await machine.endpoint(first.id).ipv4
        try await engine.removeContainers([first.id], withAnonymousVolumes: false)
        var given: [IPv4Address?] = []
        for index in 2...6 {
            let next = try await machine.create(machine.request("web-\(index)", network: "small"))
            given.append(try await machine.endpoint(next.id).ipv4)
        }
        #expect(given.dropLast().allSatisfy { $0 != address })
        #expect(given.last == address)
        let full = await engineError {
            _ = try await machine.create(machine.request("web-9", network: "small"))
        }
        #expect(full?.description.contains("no free address") == true)
    }

    @Test("refuse a fixed address that is taken or foreign")
    func fixed() async throws {
        var request = NetworkRequest(name: "net")
        request.pools = [NetworkRequest.Pool(subnet: "10.99.0.0/24")]
        try await engine.createNetwork(request)
        func fixed(_ name: String, _ address: String) -> ContainerRequest {
            machine.request(name) { spec in
                var attachment = NetworkAttachment(network: "net")
                attachment.ipv4Address = address
                spec.network = .attached([attachment])
            }
        }
        _ = try await machine.create(fixed("web-1", "10.99.0.7"))
        for address in ["10.99.0.7", "10.99.0.1", "10.98.0.1", "10.99.0.255", "nonsense"] {
            let error = await engineError { _ = try await machine.create(fixed("web-2", address)) }
            #expect(error?.attempt.contains("web-2") == true)
        }
    }

    @Test("take no more containers than their bridge has ports, told before anything is made")
    func bridgePorts() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        let changes = (1...1024).map {
            RecordChange.createContainer(machine.request("web-\($0)", network: "net"))
        }
        try await engine.rehearse(changes.dropLast(), stopping: [])
        let error = await engineError { try await engine.rehearse(changes, stopping: []) }
        #expect(error?.attempt.contains("web-1024") == true)
        #expect(error?.reason == "a network connects no more than 1023 containers")
        #expect(try await engine.containers(ofProject: nil).isEmpty)
    }
}
