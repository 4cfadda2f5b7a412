import ContainerRuntime
import Glibc
import Linux
import OCI
import Testing
import TestSupport

@testable import Engine

/// What becomes of a request before it reaches the kernel.
@Suite("a process for a running container")
struct ExecRequestTests {
    private static func spec() -> ContainerSpec {
        var spec = ContainerSpec(
            image: Digest.of("image".utf8),
            imageName: "image",
            process: ProcessSpec(arguments: ["/app"])
        )
        spec.process.environment = ["PATH=/bin", "A=1", "B=2"]
        spec.process.user = "app"
        spec.process.workingDirectory = "/srv"
        spec.process.supplementaryGroups = ["staff"]
        spec.process.resourceLimits = [ResourceLimit(name: "nofile", soft: 1, hard: 2)]
        return spec
    }

    @Test("has all of the container's but its arguments")
    func defaults() {
        var expected = Self.spec().process
        expected.arguments = ["id", "-u"]
        var request = ExecRequest(arguments: ["id", "-u"])
        #expect(request.process(in: Self.spec()) == expected)
        // Empty is what is not said.
        (request.user, request.workingDirectory) = ("", "")
        #expect(request.process(in: Self.spec()) == expected)
    }

    @Test("has the user and the folder that were asked for")
    func asked() {
        var request = ExecRequest(arguments: ["id"])
        (request.user, request.workingDirectory) = ("0:0", "/tmp")
        let process = request.process(in: Self.spec())
        #expect(process.user == "0:0")
        #expect(process.workingDirectory == "/tmp")
    }

    @Test(
        "changes variables in place, removes those without a value, and adds new ones in order",
        arguments: [
            ([], ["PATH=/bin", "A=1", "B=2"]),
            (["A=9"], ["PATH=/bin", "A=9", "B=2"]),
            (["A="], ["PATH=/bin", "A=", "B=2"]),
            (["A=x=y"], ["PATH=/bin", "A=x=y", "B=2"]),
            (["OURS"], ["PATH=/bin", "A=1", "B=2", "OURS=here"]),
            (["B"], ["PATH=/bin", "A=1", "B=of ours"]),
            (["A"], ["PATH=/bin", "B=2"]),
            (["NEW"], ["PATH=/bin", "A=1", "B=2"]),
            (["A", "A=3"], ["PATH=/bin", "A=3", "B=2"]),
            (["A=3", "A"], ["PATH=/bin", "B=2"]),
            (["Z=1", "Y=1", "Z=2"], ["PATH=/bin", "A=1", "B=2", "Z=2", "Y=1"]),
            (["Z=1", "Z"], ["PATH=/bin", "A=1", "B=2"]),
        ]
    )
    func environment(changes: [String], expected: [String]) {
        var request = ExecRequest(arguments: ["env"])
        let ours = ["OURS": "here", "B": "of ours"]
        request.environment = changes.map { EnvironmentChange($0, from: ours) }
        #expect(request.process(in: Self.spec()).environment == expected)
    }
}

@Suite("exec", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct ExecTests {
    let bench: RunningEngine
    var engine: Engine { bench.engine }

    init() async throws { bench = try await RunningEngine() }

    /// In a function of its own, so that the pipe's far end is the process's alone afterwards.
    private func start(
        _ request: ExecRequest,
        in container: ContainerRecord,
        writingTo pipe: inout Pipe
    ) async throws -> ExecProcess {
        let writer = SharedFD(pipe.takeWriter())
        return try await engine.exec(request, in: container, streams: ExecStdio(output: writer))
            .process
    }

    @Test("runs beside the container's own process, with its variables, and gives its exit code")
    func runs() async throws {
        let container = try await bench.machine.create(
            bench.request("web-1", "exec sleep 1000", network: nil)
        )
        let (running, _) = try await bench.start(container)
        var request = ExecRequest(arguments: [
            "sh", "-c", "echo $PATH-$NEW; cat /proc/1/cmdline; exit 3",
        ])
        request.environment = [.set(name: "NEW", value: "x")]
        var pipe = try Pipe.make()
        let reader = SharedFD(pipe.takeReader())
        let process = try await start(request, in: container, writingTo: &pipe)
        #expect(try await process.wait() == 3)
        var bytes: [UInt8] = []
        while case let more = try await reader.read(upTo: 4096), !more.isEmpty { bytes += more }
        #expect(String(decoding: bytes, as: UTF8.self) == "/bin-x\nsleep\u{0}1000\u{0}")

        try engine.runtime.kill(running, signal: SIGKILL)
        try await bench.end(running)
    }

    @Test("is refused in a container that does not run")
    func notRunning() async throws {
        let container = try await bench.machine.create(
            bench.request("web-1", "exec sleep 1000", network: nil)
        )
        let refused = await engineError {
            _ = try await engine.exec(
                ExecRequest(arguments: ["ls"]),
                in: container,
                streams: ExecStdio()
            )
        }
        #expect(refused?.kind == .conflict)
        #expect(refused?.description == "cannot run ls in web-1: the container is not running")
    }
}
