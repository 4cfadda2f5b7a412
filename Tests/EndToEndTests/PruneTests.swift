import Foundation
import Glibc
import Testing
import TestSupport

/// `prune` and `rmi` beside commands that are at work on the same store.
@Suite(
    "root: prune beside work",
    .tags(.root),
    .enabled(if: isRoot, "needs root"),
    .timeLimit(.minutes(5))
)
struct PruneTests {
    private let berth = TestMachine.berth

    /// An image `base:1` with a shell, and what builds `app:1` from it: the build waits in its last
    /// but one step for somebody to write into the gate.
    private func prepare(_ machine: TestMachine) async throws {
        try machine.writeSleepers(
            """
              base:
                build: {context: ., additional_contexts: {host: /bin}}
                image: "base:1"
            """
        )
        try machine.write(
            """
            FROM base:1
            RUN echo one > /one
            RUN mkfifo \(gate(machine)) && cat \(gate(machine)) > /two
            RUN cat /one /two > /three
            CMD ["sleep", "1000"]
            """,
            to: "App"
        )
        try machine.write(
            """
            services:
              app:
                build: {context: ., dockerfile: App}
                image: "app:1"
            """,
            to: "app.yaml"
        )
        let built = try await machine.berth("build", "-q")
        try #require(built.status == 0, "\(built.err)")
    }

    private func gate(_ machine: TestMachine) -> String { "/gate-\(machine.project)" }

    private func startBuild(_ machine: TestMachine) throws -> Program {
        try machine.start([berth, "-f", "app.yaml", "build"])
    }

    /// The process that waits at the gate, inside the build's container.
    private func waiting(at gate: String) -> Int32? {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.first { pid in
            // A process may end while it is looked at.
            let command = try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
            return command == "cat\0\(gate)\0"
        }
    }

    private func open(_ gate: String, _ machine: TestMachine) async throws {
        let pid = try #require(waiting(at: gate))
        let opened = try await machine.run(["/bin/sh", "-c", "echo two > /proc/\(pid)/root\(gate)"])
        #expect(opened.status == 0, "\(opened.err)")
    }

    private func layers(_ machine: TestMachine) throws -> [String] {
        try FileManager.default.contentsOfDirectory(
            atPath: machine.folder.appending(path: "root/layers").path()
        )
    }

    private func pruneEverything(_ machine: TestMachine) async throws {
        for group in ["image", "system"] {
            let pruned = try await machine.berth("docker", group, "prune", "-af")
            #expect(pruned.status == 0, "\(pruned.err)")
        }
    }

    /// A command of the project in `app.yaml`.
    private func app(
        _ arguments: String...,
        on machine: TestMachine
    ) async throws -> TestMachine.Output {
        try await machine.run([berth, "-f", "app.yaml"] + arguments)
    }

    private func expectWorks(
        _ machine: TestMachine,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let read = try await app("exec", "-T", "app", "cat", "/three", on: machine)
        #expect(read.out == "one\ntwo\n", "\(read.err)", sourceLocation: location)
    }

    /// An image `app:1` and nothing else.
    private func build(_ machine: TestMachine) async throws {
        try await prepare(machine)
        let build = try startBuild(machine)
        try await machine.until("the build waits") { waiting(at: gate(machine)) != nil }
        try await open(gate(machine), machine)
        let end = try await build.end()
        try #require(end.status == 0, "\(end.err)")
    }

    @Test("a build that is half way keeps its base image, its layers and its steps")
    func builds() async throws {
        try await TestMachine.with { machine in
            try await prepare(machine)
            let build = try startBuild(machine)
            try await machine.until("the build waits") { waiting(at: gate(machine)) != nil }
            let removed = try await machine.berth("docker", "rmi", "base:1")
            #expect(removed.status == 0, "\(removed.err)")
            let pruned = try await machine.berth("docker", "image", "prune", "-af")
            #expect(pruned.status == 0)
            #expect(pruned.err.contains("another command pulls, builds or saves"))
            try await pruneEverything(machine)
            try await open(gate(machine), machine)
            let end = try await build.end()
            #expect(end.status == 0, "\(end.err)")
            let up = try await app("up", "-d", on: machine)
            #expect(up.status == 0, "\(up.err)")
            try await expectWorks(machine)
            #expect(try await app("down", "-t", "0", on: machine).status == 0)
            // Nobody needs anything any more.
            try await pruneEverything(machine)
            #expect(try layers(machine) == [])
        }
    }

    @Test("a container keeps the image it runs on, whatever its name is worth")
    func containers() async throws {
        try await TestMachine.with { machine in
            try await build(machine)
            let up = try await app("up", "-d", on: machine)
            #expect(up.status == 0, "\(up.err)")
            let refused = try await machine.berth("docker", "rmi", "app:1")
            #expect(refused.status == 1 && refused.err.contains("must force"), "\(refused.err)")
            try await pruneEverything(machine)
            let forced = try await machine.berth("docker", "rmi", "-f", "app:1")
            #expect(forced.status == 0 && forced.out.hasPrefix("Untagged: app:1"))
            try await pruneEverything(machine)
            for _ in 0..<2 {
                try await expectWorks(machine)
                let again = try await app("restart", "-t", "0", on: machine)
                #expect(again.status == 0, "\(again.err)")
            }
            try await expectWorks(machine)
            #expect(try await app("down", "-t", "0", on: machine).status == 0)
            try await pruneEverything(machine)
            #expect(try layers(machine) == [])
        }
    }

    @Test("a save that streams ends as a whole archive")
    func saves() async throws {
        try await TestMachine.with { machine in
            try await build(machine)
            // More than a pipe holds stays behind until somebody opens the fifo.
            let save = try machine.start([
                "/bin/sh", "-c",
                "mkfifo go; '\(berth)' save app:1 "
                    + "| { head -c 70000; echo started >&3; cat go; cat; } 3>&1 > part",
            ])
            #expect(try await save.firstOutput() == "started\n")
            try await pruneEverything(machine)
            let removed = try await machine.berth("docker", "images", "-q")
            #expect(removed.out.isEmpty)
            #expect(try await machine.run(["/bin/sh", "-c", ": > go"]).status == 0)
            #expect(try await save.end().status == 0)
            try await pruneEverything(machine)
            #expect(try layers(machine) == [])
            let loaded = try await machine.berth("docker", "load", "-i", "part")
            #expect(loaded.out == "Loaded image: app:1\n", "\(loaded.err)")
        }
    }

    @Test("what a killed build left is listed, and gone after the next one, which prints nothing")
    func killedBuild() async throws {
        try await TestMachine.with { machine in
            try await prepare(machine)
            let build = try startBuild(machine)
            try await machine.until("the build waits") { waiting(at: gate(machine)) != nil }
            try build.signal(SIGKILL)
            _ = try await build.end()
            let check = try await machine.berth("system", "check")
            #expect(check.status == 1 && check.out.contains("by a build that was killed"))
            let next = try await machine.berth("build", "-q")
            #expect(next.status == 0 && next.out.isEmpty && next.err.isEmpty, "\(next)")
            let again = try await machine.berth("system", "check")
            #expect(again.status == 0, "\(again.out)")
            #expect(waiting(at: gate(machine)) == nil)
        }
    }

    @Test("what an interrupted pull left is in what df shows and prune reclaims")
    func interruptedPull() async throws {
        try await TestMachine.with { machine in
            try await prepare(machine)
            func use() async throws -> String? {
                let format = "{{.Type}} {{.Size}} {{.Reclaimable}}"
                return try await machine.berth("system", "df", "--format", format).lines.first
            }
            let before = try #require(try await use())
            let blob = "root/staging/\(String(repeating: "ab", count: 32)).blob"
            try machine.write(String(repeating: "x", count: 51_000_000), to: blob)
            let after = try #require(try await use())
            #expect(before != after && after.contains("MB"), "\(before) \(after)")
            #expect(
                try await machine.berth("system", "df", "-v").out
                    .contains("Left by interrupted pulls and removed images: 51MB")
            )
            // It is kept for the next pull, and nothing wrong.
            #expect(try await machine.berth("system", "check").status == 0)
            let pruned = try await machine.berth("image", "prune", "-f")
            #expect(pruned.out.contains("Total reclaimed space: 51MB"), "\(pruned.out)")
            #expect(try await use() == before)
        }
    }

    @Test("a prune that is killed leaves what the next commands make whole")
    func killed() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                """
                  one:
                    build: {context: ., additional_contexts: {host: /bin}}
                    image: "one:1"
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                """
            )
            for _ in 0..<6 {
                let built = try await machine.berth("build", "-q")
                #expect(built.status == 0, "\(built.err)")
                let up = try await machine.berth("up", "-d")
                #expect(up.status == 0, "\(up.err)")
                let run = try await machine.berth("exec", "-T", "one", "echo", "works")
                #expect(run.out == "works\n", "\(run.err)")
                #expect(try await machine.berth("down").status == 0)
                let victim = try machine.start([berth, "docker", "system", "prune", "-af"])
                for _ in 0..<Int.random(in: 1...6000) { await Task.yield() }
                try victim.signal(SIGKILL)
                _ = try await victim.end()
                // The next command takes away what it left.
                #expect(try await machine.berth("build", "-q").status == 0)
                let check = try await machine.berth("system", "check")
                #expect(check.status == 0, "\(check.out)")
            }
            try await pruneEverything(machine)
            #expect(try layers(machine) == [])
        }
    }
}
