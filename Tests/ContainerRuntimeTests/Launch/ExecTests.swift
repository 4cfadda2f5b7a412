import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite(
    "processes in a running container",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct ExecTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    /// Runs a script in a container that sleeps meanwhile.
    private func exec(
        _ script: String,
        user: String = "",
        change: (inout ContainerSpec) -> Void = { _ in }
    ) async throws -> (code: Int32, output: String) {
        var spec = try bench.shell("exec sleep 1000")
        change(&spec)
        let created = try await bench.runtime.create(spec, at: bench.placement())
        let running = try await created.start()
        let result = try await bench.exec(script, user: user, in: running, of: spec)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        return result
    }

    @Test("it runs beside the first process and its code is told")
    func runs() async throws {
        let result = try await exec("echo hi; ps | grep -c sleep; exit 3")
        #expect(result.code == 3)
        #expect(result.output.hasPrefix("hi\n"))
    }

    @Test("it has the sandbox of its container, not ours")
    func sandbox() async throws {
        let status = "grep -E '^(Cap|NoNew|Seccomp:|Groups)' /proc/self/status"
        let first = try await bench.run(bench.shell(status))
        let second = try await exec(status)
        #expect(second.output == first.output)
        #expect(second.output.contains("CapInh:\t0000000000000000"))
        #expect(second.output.contains("CapBnd:\t00000000a80425fb"))
        #expect(second.output.contains("Seccomp:\t2"))
    }

    @Test("another user has that user's groups and no capabilities")
    func user() async throws {
        let result = try await exec("id -u; id -G; grep CapEff /proc/self/status", user: "web")
        #expect(result.output == "1000\n1000 2000\nCapEff:\t0000000000000000\n")
    }

    @Test("it has exactly its standard streams")
    func descriptors() async throws {
        #expect(try await exec("exec ls /proc/self/fd").output == "0\n1\n2\n3\n")
    }

    @Test("a process that is killed is 128 + the signal")
    func killed() async throws {
        #expect(try await exec("kill -9 $$").code == 137)
    }

    @Test("killing it kills what it started")
    func killAll() async throws {
        let spec = try bench.shell("exec sleep 1000")
        let created = try await bench.runtime.create(spec, at: bench.placement())
        let running = try await created.start()
        var process = ProcessSpec(arguments: ["/bin/sh", "-c", "sleep 777 & sleep 778"])
        process.workingDirectory = "/tmp"
        let started = try await bench.runtime.exec(
            process,
            in: running,
            of: spec,
            stdio: ExecStdio()
        )
        await started.kill()
        let left = try await bench.exec(
            "ps | grep -v grep | grep -c 'sleep 77'",
            in: running,
            of: spec
        )
        #expect(left.output == "0\n")
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    @Test("the group of one that left others behind goes when they have ended, and no sooner")
    func leftBehind() async throws {
        let spec = try bench.shell("exec sleep 1000")
        let running = try await bench.runtime.create(spec, at: bench.placement()).start()
        guard let group = try bench.runtime.cgroups.find(running.id), group.directory != nil,
            let folder = group.folders.first
        else { return try await end(running) }
        func groups() throws -> [String] {
            try folderEntries(folder).filter { $0.hasPrefix("exec-") }
        }
        func makeAnother() throws {
            let later = time(nil) + 120
            try ProcessCgroup.create(in: running.id, bench.runtime.cgroups, now: later).remove()
        }
        let left = try await bench.exec(
            "sleep 555 >/dev/null 2>&1 & echo $!",
            in: running,
            of: spec
        )
        try makeAnother()
        #expect(try groups().count == 1)
        let number = left.output.trimmingPrefix(" ").prefix { $0.isNumber }
        _ = try await bench.exec("kill -9 \(number)", in: running, of: spec)
        let deadline = ContinuousClock.now + .seconds(20)
        while try !groups().isEmpty, ContinuousClock.now < deadline { try makeAnother() }
        #expect(try groups().isEmpty)
        try await end(running)
    }

    private func end(_ running: RunningContainer) async throws {
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    @Test("a process that has ended and that nobody waited for is not looked for in groups")
    func zombie() async throws {
        let spec = try bench.shell("sleep 0.01 & sleep 1000 & exec sleep 1001")
        let running = try await bench.runtime.create(spec, at: bench.placement()).start()
        let path = FilePath("/proc/\(running.initPID)/task/\(running.initPID)/children")
        func hasZombie() throws -> Bool {
            let text = String(decoding: try readFile(path, limit: 4096), as: UTF8.self)
            return try text.split(separator: " ").compactMap { Int32($0) }
                .contains { try ProcessStat(of: $0).isExiting() }
        }
        let deadline = ContinuousClock.now + .seconds(20)
        while try !hasZombie(), ContinuousClock.now < deadline { await Task.yield() }
        try #require(try hasZombie())
        #expect(try ContainerProcesses.first(ofInit: running.initPID).count == 2)
        try await end(running)
    }

    @Test("when its keeper is killed it is killed too, and a signal is not said to have arrived")
    func keeperKilled() async throws {
        let spec = try bench.shell("exec sleep 1000")
        let created = try await bench.runtime.create(spec, at: bench.placement())
        let running = try await created.start()
        let started = try await bench.runtime.exec(
            ProcessSpec(arguments: ["/bin/sleep", "1000"]),
            in: running,
            of: spec,
            stdio: ExecStdio()
        )
        #expect(try await started.signal(SIGCONT))
        let process = try ProcessFD(opening: started.pid)
        let keeper = try ProcessFD(opening: try parent(of: started.pid))
        _ = try keeper.signal(SIGKILL)
        try await keeper.waitForExit()
        #expect(try await !started.signal(SIGTERM))
        await #expect(throws: RuntimeError.self) { try await started.wait() }
        try await process.waitForExit()
        await started.kill()
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    @Test("keepers keep the right to send signals and no other")
    func keepersRights() async throws {
        let spec = try bench.shell("exec sleep 1000")
        let created = try await bench.runtime.create(spec, at: bench.placement())
        let running = try await created.start()
        var web = ProcessSpec(arguments: ["/bin/sleep", "1000"])
        web.user = "web"
        let started = try await bench.runtime.exec(
            web,
            in: running,
            of: spec,
            stdio: ExecStdio()
        )
        for keeper in [running.keeperPID, try parent(of: started.pid)] {
            #expect(try status("CapEff", of: keeper) == "0000000000000020")
            #expect(try status("CapPrm", of: keeper) == "0000000000000020")
        }
        #expect(try status("NoNewPrivs", of: parent(of: started.pid)) == "1")
        // Another user's process, which takes the capability.
        await started.kill()
        #expect(try await started.wait() == 137)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    private func parent(of pid: Int32) throws -> Int32 { try ProcessStat(of: pid).parent() }

    private func status(_ name: String, of pid: Int32) throws -> String {
        let bytes = try readFile(FilePath("/proc/\(pid)/status"), limit: 64 << 10)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("\(name):") })
        return String(line.dropFirst(name.count + 1)).filter { $0 != "\t" }
    }

    @Test("a program that is not there is 127, and the container lives on")
    func missing() async throws {
        let spec = try bench.shell("exec sleep 1000")
        let created = try await bench.runtime.create(spec, at: bench.placement())
        let running = try await created.start()
        let error = await #expect(throws: RuntimeError.self) {
            _ = try await bench.runtime.exec(
                ProcessSpec(arguments: ["nothing"]),
                in: running,
                of: spec,
                stdio: ExecStdio()
            )
        }
        #expect(error?.exitCode == 127)
        #expect(try await bench.exec("true", in: running, of: spec).code == 0)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        let late = await #expect(throws: RuntimeError.self) {
            _ = try await bench.exec("true", in: running, of: spec)
        }
        #expect(late?.message == "it is not running any more")
    }
}
