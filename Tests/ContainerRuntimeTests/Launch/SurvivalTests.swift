import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

/// What happens to a container when processes of ours are killed.
@Suite("survival", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct SurvivalTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    private static let counting = "i=0; while :; do i=$((i+1)); echo $i; usleep 1000; done"

    /// Starts a container from a process that then kills itself.
    private func startAndDie(
        _ placement: Placement,
        abandoned: String,
        script: String = Self.counting
    ) async {
        let root = bench.root.string
        let id = placement.id.text
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [
                root = root as String, id = id as String, abandoned = abandoned as String,
                script = script as String
            ] in
            let bench = try ContainerBench(at: FilePath(root))
            var placement = bench.placement()
            placement.id = try #require(ContainerID(id))
            placement.directory = FilePath(root).appending("containers").appending(id)
            placement.onSupervisorExit =
                switch abandoned {
                case "kill": .kill
                case "stay": .stay
                default:
                    .restart(
                        .init(
                            command: ["/bin/sh", "-c", abandoned],
                            environment: ["PATH=/bin"],
                            lockFile: FilePath(root).appending("lock")
                        )
                    )
                }
            let created = try await bench.runtime.create(bench.shell(script), at: placement)
            _ = try await created.start()
            kill(getpid(), SIGKILL)
        }
    }

    private func until(_ condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try !condition() {
            try #require(ContinuousClock.now < deadline, "waited too long")
            await Task.yield()
        }
    }

    @Test("a container outlives its starter, is adopted, and no line is lost")
    func adoption() async throws {
        let placement = bench.placement()
        await startAndDie(placement, abandoned: "stay")
        let adopted = try bench.runtime.adopt(
            placement.id,
            name: placement.name,
            in: placement.directory
        )
        let running = try #require(adopted)
        #expect(try bench.runtime.exitRecord(in: placement.directory) == nil)
        let before = try bench.entries(placement).count
        try await until { try bench.entries(placement).count > before + 100 }
        try bench.runtime.kill(running, signal: SIGKILL)
        #expect(try await running.wait().cause == .signalled(SIGKILL))
        let lines = try bench.entries(placement).compactMap { Int($0.log.dropLast()) }
        #expect(lines == Array(1...lines.count))
    }

    @Test("a container ends with its starter where that is wished")
    func killed() async throws {
        let placement = bench.placement()
        await startAndDie(placement, abandoned: "kill")
        try await until { try bench.runtime.exitRecord(in: placement.directory) != nil }
        let record = try bench.runtime.exitRecord(in: placement.directory)
        #expect(record?.cause == .signalled(SIGKILL))
        // The keeper tidies up after it has written the record.
        try await until { try bench.groups().isEmpty }
        // With the rights it kept it may not remove the topmost; the next command does.
        bench.runtime.cgroups.removeEmpty()
    }

    @Test("a dead supervisor is replaced, and replaced again")
    func revival() async throws {
        let placement = bench.placement()
        let mark = bench.root.appending("revived")
        await startAndDie(placement, abandoned: "echo $$ >> \(mark); exec sleep 1000")
        let pids = {
            let bytes = (try? readFile(mark, limit: 1 << 16)) ?? []
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap {
                Int32($0)
            }
        }
        try await until { pids().count == 1 }
        #expect(kill(pids()[0], SIGKILL) == 0)
        try await until { pids().count == 2 }
        let running = try #require(
            try bench.runtime.adopt(placement.id, name: "x", in: placement.directory)
        )
        // The keeper has given up its rights, and what it starts has them.
        #expect(try rights(of: running.keeperPID) == "0000000000000022")
        #expect(try rights(of: pids()[1]) == rights(of: getpid()))
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
        // The supervisor is not the keeper's to end.
        #expect(kill(pids()[1], SIGKILL) == 0)
    }

    private func rights(of pid: Int32) throws -> String {
        let bytes = try readFile(FilePath("/proc/\(pid)/status"), limit: 64 << 10)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        return try String(#require(lines.first { $0.hasPrefix("CapEff:\t") }).dropFirst(8))
    }

    @Test("a supervisor that holds the lock is watched, not replaced")
    func lockHolder() async throws {
        let placement = bench.placement()
        try atomicWrite(
            Array(try SupervisorMark.text().utf8),
            to: bench.root.appending("lock"),
            synced: false
        )
        let mark = bench.root.appending("revived")
        await startAndDie(placement, abandoned: "echo $$ >> \(mark)")
        let running = try #require(
            try bench.runtime.adopt(placement.id, name: "x", in: placement.directory)
        )
        let before = try bench.entries(placement).count
        try await until { try bench.entries(placement).count > before + 300 }
        #expect(access(mark.string, F_OK) != 0)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    @Test("a container whose keeper is killed is killed and recorded as lost")
    func keeperKilled() async throws {
        let placement = bench.placement()
        let created = try await bench.runtime.create(bench.shell(Self.counting), at: placement)
        let running = try await created.start()
        let process = try ProcessFD(opening: running.initPID)
        kill(running.keeperPID, SIGKILL)
        #expect(try await running.wait().cause == .lost)
        try await process.waitForExit()
        #expect(try bench.runtime.exitRecord(in: placement.directory)?.cause == .lost)
        #expect(try bench.runtime.adopt(placement.id, name: "x", in: placement.directory) == nil)
        // Its keeper could not take the cgroup away.
        try bench.runtime.cleanUp(placement.id, in: placement.directory)
    }

    @Test("a state of another boot, or of a pid given away, is not adopted")
    func foreignState() async throws {
        let placement = bench.placement()
        let created = try await bench.runtime.create(bench.shell(Self.counting), at: placement)
        let running = try await created.start()
        let path = placement.directory.appending("state")
        let genuine = try readFile(path, limit: 4096)
        // The last 40 bytes are the boot's, those before the start times.
        for offset in [genuine.count - 40, 16, 24] {
            var other = genuine
            other[offset] ^= 1
            try atomicWrite(other, to: path, synced: false)
            let directory = placement.directory
            #expect(
                try bench.runtime.exitRecord(in: directory)?.cause == (offset == 24 ? nil : .lost)
            )
        }
        try atomicWrite(genuine, to: path, synced: false)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }
}
