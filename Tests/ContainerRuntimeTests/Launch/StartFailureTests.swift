import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@Suite(
    "starts that fail",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct StartFailureTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private func failure(_ spec: ContainerSpec) async throws -> RuntimeError {
        var placement = bench.placement()
        placement.name = "web"
        let failure = await #expect(throws: RuntimeError.self) {
            let created = try await bench.runtime.create(spec, at: placement)
            _ = try await created.start()
        }
        #expect(try bench.runtime.exitRecord(in: placement.directory) == nil)
        #expect(try bench.runtime.adopt(placement.id, name: "web", in: placement.directory) == nil)
        return try #require(failure)
    }

    @Test("a program that is not there is 127")
    func missing() async throws {
        let error = try await failure(bench.spec(["nothing-of-this-name"]))
        #expect(error.exitCode == 127)
        #expect(
            error.description
                == "web: cannot exec nothing-of-this-name: not found in the container's PATH"
        )
    }

    @Test("a program that may not be executed is 126")
    func denied() async throws {
        try bench.write("#!/bin/sh\n", to: "app")
        let error = try await failure(bench.spec(["/app"]))
        #expect(error.exitCode == 126)
        #expect(error.description == "web: cannot exec /app: permission denied")
    }

    @Test("a script without its interpreter is 255")
    func interpreter() async throws {
        try bench.write("#!/bin/nowhere\n", to: "app", mode: 0o755)
        #expect(try await failure(bench.spec(["/app"])).exitCode == 255)
    }

    @Test("a file that is no program is 255")
    func format() async throws {
        try bench.write("\u{7f}ELF and nonsense", to: "app", mode: 0o755)
        #expect(try await failure(bench.spec(["/app"])).exitCode == 255)
    }

    @Test("a missing mount source is named")
    func mountSource() async throws {
        var spec = try bench.spec(["/bin/true"])
        spec.mounts = [MountSpec(source: .bind(path: "/no/such", create: false), target: "/x")]
        let error = try await failure(spec)
        #expect(
            error.description
                == "web: cannot open /no/such to mount it at /x: no such file or directory"
        )
        #expect(error.exitCode == 128)
    }

    @Test("a file cannot be mounted on a directory")
    func mountKind() async throws {
        var spec = try bench.spec(["/bin/true"])
        spec.mounts = [
            MountSpec(source: .bind(path: "/etc/passwd", create: false), target: "/etc")
        ]
        #expect(try await failure(spec).description.contains("is a directory"))
    }

    @Test("a working directory that is a file is named")
    func workingDirectory() async throws {
        var spec = try bench.spec(["/bin/true"])
        spec.process.workingDirectory = "/etc/passwd"
        #expect(
            try await failure(spec).description.hasPrefix(
                "web: cannot enter the working directory /etc/passwd"
            )
        )
    }

    @Test("an unknown user is named")
    func user() async throws {
        var spec = try bench.spec(["/bin/true"])
        spec.process.user = "nobody-of-this-name"
        #expect(try await failure(spec).description.hasPrefix("web: no user"))
    }

    @Test(
        "places where nothing may be mounted are refused",
        arguments: ["/", "/proc", "/proc/sys", "relative", "/a/../proc/x"]
    )
    func mountTargets(target: String) async throws {
        var spec = try bench.spec(["/bin/true"])
        spec.mounts = [MountSpec(source: .bind(path: "/tmp", create: false), target: target)]
        #expect(try await failure(spec).description.hasPrefix("web: cannot mount at"))
    }
}
