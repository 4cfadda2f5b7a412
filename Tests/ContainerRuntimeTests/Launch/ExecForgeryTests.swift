import CLinux
import ContainerRuntime
import Glibc
import Linux
import Synchronization
import SystemPackage
import Testing
import TestSupport

/// What enters a container writes what it has to say into memory that it shares with its keeper. A
/// container with ptrace can write there for it, until the program is executed.
@Suite(
    "forged reports of who enters a container",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct ExecForgeryTests {
    let bench: ContainerBench
    init() throws { bench = try ContainerBench() }

    /// The memory as `Journal` of berth-keeper lays it out.
    private struct Forgery {
        /// nil leaves the number of the process as it is.
        var process: pid_t?
        var count: Int32
        var events: [keeper_event] = []

        var bytes: [UInt8] {
            withUnsafeBytes(of: count) { Array($0) }
                + events.flatMap { event in withUnsafeBytes(of: event) { Array($0) } }
        }
    }

    private static func event(
        _ kind: KeeperEventKind,
        stage: KeeperStage? = nil,
        error: Int32 = 0,
        value: Int64 = 0
    ) -> keeper_event {
        keeper_event(
            kind: kind.rawValue,
            stage: stage?.rawValue ?? 0,
            index: 0,
            error: error,
            value: value
        )
    }

    /// Runs `exit 7` in a container, and writes the forgery while the process looks for its program
    /// in many places: before its keeper has believed anything.
    private func exec(
        forging forgery: Forgery,
        in running: RunningContainer,
        of spec: ContainerSpec
    ) async throws -> ExecProcess {
        var process = ProcessSpec(arguments: ["sh", "-c", "exit 7"])
        let places = [String](repeating: "/x", count: 40_000) + ["/bin"]
        process.environment = ["PATH=\(places.joined(separator: ":"))"]
        let entering = process
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            try #require(ContinuousClock.now < deadline, "nobody was met in time")
            let isInside = Mutex(false)
            async let started = {
                defer { isInside.withLock { $0 = true } }
                return try await bench.runtime.exec(
                    entering,
                    in: running,
                    of: spec,
                    stdio: ExecStdio()
                )
            }()
            let isForged = try await forge(forgery, besides: running) {
                isInside.withLock(\.self)
            }
            let process = try await started
            if isForged { return process }
            // On a busy machine it was inside before it was met.
            _ = try await process.wait()
        }
    }

    /// False when the process is inside before it is met.
    private func forge(
        _ forgery: Forgery,
        besides running: RunningContainer,
        until isInside: () -> Bool
    ) async throws -> Bool {
        while !isInside() {
            for process in try newcomers(in: running) where write(forgery, into: process) {
                return true
            }
            await Task.yield()
        }
        return false
    }

    /// Who is in the container's pid namespace and not its first process.
    private func newcomers(in running: RunningContainer) throws -> [Int32] {
        let namespace = namespace(of: running.initPID)
        return try folderEntries("/proc").compactMap { Int32($0) }.filter {
            $0 != running.initPID && self.namespace(of: $0) == namespace
        }
    }

    private func namespace(of process: Int32) -> ino_t? {
        var status = stat()
        return stat("/proc/\(process)/ns/pid", &status) == 0 ? status.st_ino : nil
    }

    /// False when it has no such memory: it executes its program already, or has ended.
    private func write(_ forgery: Forgery, into process: Int32) -> Bool {
        // `try?`: one that has ended has no memory.
        guard let maps = try? readFile(FilePath("/proc/\(process)/maps"), limit: 1 << 20),
            let memory = try? openFile(FilePath("/proc/\(process)/mem"), O_RDWR)
        else { return false }
        let shared = String(decoding: maps, as: UTF8.self).split(separator: "\n").first {
            $0.contains(" rw-s ") && $0.contains("/dev/zero")
        }
        guard let start = shared?.prefix(while: { $0 != "-" }),
            let address = off_t(start, radix: 16)
        else { return false }
        return memory.with { memory in
            if var number = forgery.process {
                guard pwrite(memory, &number, 4, address) == 4 else { return false }
            }
            return pwrite(memory, forgery.bytes, forgery.bytes.count, address + 4)
                == forgery.bytes.count
        }
    }

    private func inContainer(
        _ body: (RunningContainer, ContainerSpec) async throws -> Void
    ) async throws {
        let spec = try bench.shell("exec sleep 1000")
        let created = try await bench.runtime.create(spec, at: bench.placement())
        let running = try await created.start()
        try await body(running, spec)
        try bench.runtime.kill(running, signal: SIGKILL)
        _ = try await running.wait()
    }

    @Test("what is written there reaches the keeper: a failure that never was is reported")
    func control() async throws {
        try await inContainer { running, spec in
            let failed = Self.event(.failed, stage: .keyring, error: EXDEV)
            let error = await #expect(throws: RuntimeError.self) {
                _ = try await exec(
                    forging: Forgery(count: 1, events: [failed]),
                    in: running,
                    of: spec
                )
            }
            #expect(error?.message.hasPrefix("cannot make a session keyring") == true)
        }
    }

    @Test("neither how it ended nor which process it is is taken from there")
    func ends() async throws {
        try await inContainer { running, spec in
            let forged = Forgery(
                count: .max,
                events: [
                    Self.event(.executing), Self.event(.created, value: Int64(getpid())),
                    Self.event(.started, value: 1), Self.event(.exited, value: 0),
                    // Numbers of which there is no kind and no stage.
                    keeper_event(kind: 99, stage: 99, index: .max, error: .max, value: .max),
                    keeper_event(
                        kind: KeeperEventKind.warning.rawValue,
                        stage: 99,
                        index: .min,
                        error: .min,
                        value: .min
                    ),
                    keeper_event(
                        kind: KeeperEventKind.failed.rawValue,
                        stage: .min,
                        index: 0,
                        error: 0,
                        value: 0
                    ),
                    keeper_event(
                        kind: KeeperEventKind.warning.rawValue,
                        stage: KeeperStage.mount.rawValue,
                        index: .max,
                        error: .max,
                        value: 0
                    ),
                ]
            )
            let process = try await exec(forging: forged, in: running, of: spec)
            #expect(process.pid != getpid())
            #expect(try await process.wait() == 7)
        }
    }

    @Test("a process of the host whose number stands there is neither waited for nor killed")
    func stranger() async throws {
        let victim = try spawn(SpawnRequest(program: "/bin/sleep", arguments: ["sleep", "1000"]))
        try await inContainer { running, spec in
            for number in [victim.pid, 1, -1, .max] {
                await #expect(throws: RuntimeError.self) {
                    let forged = Forgery(
                        process: number,
                        count: 1,
                        events: [Self.event(.executing)]
                    )
                    let process = try await exec(forging: forged, in: running, of: spec)
                    await process.kill()
                }
                #expect(victim.isAlive)
            }
        }
        _ = try victim.signal(SIGKILL)
        #expect(try await victim.exitStatus() == .signaled(number: SIGKILL))
    }
}
