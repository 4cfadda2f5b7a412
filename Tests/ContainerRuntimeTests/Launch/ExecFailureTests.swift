import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

/// Codes and moments are those of docker 28.5 with runc 1.3.
@Suite(
    "processes that cannot be started in a running container",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct ExecFailureTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private func start() async throws -> (RunningContainer, ContainerSpec) {
        let spec = try bench.shell("exec sleep 1000")
        let created = try await bench.runtime.create(spec, at: bench.placement())
        return (try await created.start(), spec)
    }

    private func end(_ running: RunningContainer) async throws {
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    private func failure(
        of process: ProcessSpec,
        in running: RunningContainer,
        _ spec: ContainerSpec
    ) async -> RuntimeError? {
        await #expect(throws: RuntimeError.self) {
            _ = try await bench.runtime.exec(process, in: running, of: spec, stdio: ExecStdio())
        }
    }

    @Test("each has docker's code, and a container that lives on")
    func codes() async throws {
        try bench.write("text", to: "plain")
        try bench.write("\u{7f}ELF and nonsense", to: "junk", mode: 0o755)
        try bench.write("#!/bin/nowhere\n", to: "orphan", mode: 0o755)
        symlink("/loop", bench.layer.appending("loop").string)
        let (running, spec) = try await start()
        for (program, folder, user, code) in [
            ("nothing", "/", "", 127), ("/nothing", "/", "", 127), ("/plain/x", "/", "", 127),
            ("", "/", "", 127), ("/plain", "/", "", 126), ("/etc", "/", "", 126),
            ("/loop", "/", "", 128), ("/junk", "/", "", 255), ("/orphan", "/", "", 255),
            ("true", "/nothing", "", 127), ("true", "/plain", "", 127), ("true", "/loop", "", 128),
            ("true", "etc", "", 128), ("true", "/", "nobody-of-this-name", nil),
            ("true", "/", "0:no-such-group", nil), ("true", "/", "99999999999", nil),
        ] as [(String, String, String, Int32?)] {
            var process = ProcessSpec(arguments: [program])
            process.workingDirectory = folder
            process.user = user
            let error = await failure(of: process, in: running, spec)
            #expect(error?.exitCode == code, "\(program) in \(folder) as \(user): \(error as Any)")
        }
        let whole = try await bench.runtime.exec(
            ProcessSpec(arguments: ["true"]),
            in: running,
            of: spec,
            stdio: ExecStdio()
        )
        #expect(try await whole.wait() == 0)
        try await end(running)
    }

    @Test("a container that is ending is not running any more, whatever the kernel says")
    func ending() async throws {
        let (running, spec) = try await start()
        let other = try await bench.runtime.exec(
            ProcessSpec(arguments: ["/bin/sleep", "1000"]),
            in: running,
            of: spec,
            stdio: ExecStdio()
        )
        // The first process can end only after this one was waited for: by a keeper that is stopped.
        let keeper = try ProcessFD(opening: try ProcessStat(of: other.pid).parent())
        _ = try keeper.signal(SIGSTOP)
        try bench.runtime.kill(running, signal: SIGKILL)
        let deadline = ContinuousClock.now + .seconds(20)
        while try !ProcessStat(of: other.pid).state().hasPrefix("Z") {
            try #require(ContinuousClock.now < deadline, "the first process does not end")
            await Task.yield()
        }
        #expect(try ProcessFD(opening: running.initPID).isAlive)
        let error = await failure(of: ProcessSpec(arguments: ["true"]), in: running, spec)
        #expect(error?.message == "it is not running any more")
        #expect(error?.exitCode == nil)
        _ = try keeper.signal(SIGCONT)
        #expect(try await other.wait() == 137)
        _ = try await running.wait()
    }
}
