import ContainerNetwork
import ContainerRuntime
import Testing
import TestSupport

@testable import Engine
@testable import Supervisor

extension Supervisor {
    /// As after a change; returns when the look is over, if it has begun.
    fileprivate func lookAtNetwork() async {
        watchedNetwork?.look()
        await networkMending?.value
        await Task.yield()
    }
}

@Suite("a supervisor's network")
struct NetworkTests {
    @Test("is looked at soon after a change, and later and later while somebody undoes repairs")
    func pace() {
        var pace = MendingPace()
        var now = Duration.zero
        var delays: [Duration] = []
        for _ in 0..<40 {
            delays.append(pace.delay(at: now))
            now += .milliseconds(50)
        }
        #expect(delays.prefix(20).allSatisfy { $0 == .milliseconds(20) })
        #expect(zip(delays, delays.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(delays.last == .seconds(5))
        #expect(pace.delay(at: now + .seconds(10)) == .milliseconds(20))
    }

    @Test(
        "comes back by itself when somebody took it away",
        .tags(.root),
        .enabled(if: isRoot),
        .timeLimit(.minutes(2))
    )
    func comesBack() async throws {
        let bench = try await SupervisorBench()
        let supervisor = bench.supervisor()
        let keeping = Task { await supervisor.keepNetwork() }
        defer { keeping.cancel() }
        let network = try await bench.engine.createNetwork(NetworkRequest(name: bench.project))
        let id = try await bench.container("exec sleep 1000") {
            $0.network = .attached([NetworkAttachment(network: bench.project)])
            $0.ports = [PortBinding(hostAddress: "127.0.0.1", hostPort: nil, containerPort: 80)]
            $0.stop.grace = .zero
        }
        try await supervisor.ask(.start(container: id))
        let kernel = bench.engine.kernel
        let whole = Set(try await kernel.inventory())
        for object in whole {
            try await kernel.remove(object)
            let deadline = ContinuousClock.now + .seconds(20)
            while Set(try await kernel.inventory()) != whole {
                try #require(ContinuousClock.now < deadline, "\(object) does not come back")
            }
        }
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        try await bench.engine.removeContainers([id], withAnonymousVolumes: true)
        try await bench.engine.removeNetwork(named: network.name)
        // What was watched and is rightly gone stays gone.
        #expect(try await kernel.inventory().isEmpty)
    }

    @Test(
        "is not repaired while it is being connected otherwise: nobody makes a link twice, or one too many",
        .tags(.root),
        .enabled(if: isRoot),
        .timeLimit(.minutes(2))
    )
    func oneWriter() async throws {
        let bench = try await SupervisorBench()
        let lines = LogLines()
        let supervisor = bench.supervisor(logger: lines.logger)
        let keeping = Task { await supervisor.keepNetwork() }
        for name in ["a", "b"] {
            _ = try await bench.engine.createNetwork(NetworkRequest(name: bench.project + name))
        }
        let id = try await bench.container("exec sleep 1000") {
            $0.network = .attached([NetworkAttachment(network: bench.project + "a")])
            $0.stop.grace = .zero
        }
        try await supervisor.ask(.start(container: id))
        // Looks without end.
        let looking = Task {
            while !Task.isCancelled { await supervisor.lookAtNetwork() }
        }
        let other = bench.project + "b"
        for _ in 0..<60 {
            try await bench.engine.connect(id, to: NetworkAttachment(network: other))
            try await supervisor.ask(.update(container: id))
            try await bench.engine.disconnect(id, from: other)
            try await supervisor.ask(.update(container: id))
        }
        // A command that was killed before it could say so.
        try await bench.engine.connect(id, to: NetworkAttachment(network: other))
        let deadline = ContinuousClock.now + .seconds(20)
        while try await bench.engine.kernel.inventory().count(where: { $0.kind == .veth }) < 2 {
            try #require(ContinuousClock.now < deadline, "what the records say is not made")
            await supervisor.lookAtNetwork()
        }
        looking.cancel()
        await looking.value
        keeping.cancel()
        await keeping.value
        #expect(lines.lines.filter { $0.contains("network") || $0.contains("connected") } == [])
        try await supervisor.ask(.stop(container: id, graceMilliseconds: 0))
        try await bench.engine.removeContainers([id], withAnonymousVolumes: true)
        for name in ["a", "b"] {
            try await bench.engine.removeNetwork(named: bench.project + name)
        }
        #expect(try await bench.engine.kernel.inventory().isEmpty)
    }
}
