import ContainerRuntime
import Glibc
import Testing
import TestSupport

@testable import Engine

@Suite(
    "containers that share namespaces",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct CompanionTests {
    let bench: RunningEngine
    var engine: Engine { bench.engine }

    init() async throws { bench = try await RunningEngine() }

    private func create(
        _ script: String,
        _ change: (inout ContainerSpec) -> Void
    ) async throws -> ContainerRecord {
        var request = bench.request("second", script, network: nil)
        change(&request.spec)
        return try await bench.machine.create(request)
    }

    private func refusal(of record: ContainerRecord) async -> EngineError? {
        await engineError { _ = try await engine.prepareStart(record.id) }
    }

    @Test("another's network: its addresses and names, and none of their own")
    func network() async throws {
        try await engine.createNetwork(NetworkRequest(name: "net"))
        let first = try await bench.machine.create(
            bench.request("first", "exec sleep 1000", network: "net")
        )
        let (running, _) = try await bench.start(first)
        let second = try await create("cat /etc/hosts /proc/net/fib_trie") {
            $0.network = .container("first")
        }
        let (other, prepared) = try await bench.start(second)
        #expect(prepared.connections.isEmpty)
        try await bench.end(other)
        let address = try #require(try await bench.machine.endpoint(first.id).ipv4)
        let lines = try await bench.lines([second.id])
        #expect(lines.contains("\(address)\t\(first.id.short)\n"))
        #expect(lines.contains { $0.hasSuffix("|-- \(address)\n") })
        #expect(try await engine.audit().isEmpty)
        try engine.runtime.kill(running, signal: SIGKILL)
        try await bench.end(running)
    }

    @Test("who is not there, or does not run, is named")
    func missing() async throws {
        let second = try await create("true") { $0.network = .container("first") }
        #expect(
            await refusal(of: second)?.description
                == "cannot start container `second`: it shares the namespaces of container "
                + "`first`: no such container"
        )
        _ = try await bench.machine.create(bench.request("first", "true", network: nil))
        #expect(
            await refusal(of: second)?.description
                == "cannot start container `second`: container `first`, whose namespaces it "
                + "shares, does not run; start that one first"
        )
    }

    @Test("memory is shared with who is to share it only")
    func memory() async throws {
        for sharing in [MemorySharing.private, .shareable] {
            var request = bench.request("first", "exec sleep 1000", network: nil)
            request.spec.namespaces = NamespaceSpec()
            request.spec.namespaces?.memory = sharing
            let first = try await bench.machine.create(request)
            let (running, _) = try await bench.start(first)
            let second = try await create("true") {
                $0.namespaces = NamespaceSpec()
                $0.namespaces?.ipc = .container("first")
            }
            if sharing == .shareable {
                try await bench.end(try await bench.start(second).0)
            } else {
                #expect(
                    await refusal(of: second)?.description
                        == "cannot start container `second`: container `first` does not share its "
                        + "IPC namespace; `ipc: shareable` lets others join it"
                )
            }
            try engine.runtime.kill(running, signal: SIGKILL)
            try await bench.end(running)
            try await engine.removeContainers([first.id, second.id], withAnonymousVolumes: true)
        }
    }
}
