import Foundation
import Glibc
import Testing
import TestSupport

/// Any process of ours may be killed at any time.
@Suite("root: crashes", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct CrashTests {
    private static let counter = """
          counter:
            build: &build {context: ., additional_contexts: {host: /bin}}
            image: sleeper
            command: [sh, -c, "n=0; while :; do n=$$((n+1)); echo line $$n; usleep 20000; done"]
            restart: always
            stop_grace_period: 0s
        """

    @Test("a supervisor that is killed is replaced, and no line is lost")
    func supervisorKilled() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(Self.counter)
            #expect(try await machine.berth("up", "-d").status == 0)
            let id = try await machine.berth("ps", "-q").out
            let supervisor = try #require(try supervisorPID(of: machine))
            kill(supervisor, SIGKILL)
            try await machine.until("another supervisor lives") {
                guard let next = try supervisorPID(of: machine) else { return false }
                return next != supervisor && kill(next, 0) == 0
            }
            #expect(try await machine.berth("ps", "-q").out == id)
            try await expectUnbrokenCount(machine)
        }
    }

    @Test("a container whose process is killed is started again by its policy")
    func initKilled() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(Self.counter)
            #expect(try await machine.berth("up", "-d").status == 0)
            try await machine.until("it counts") {
                try await machine.berth("logs", "counter").out.contains("line 3")
            }
            let id = try await machine.berth("ps", "-q").lines[0]
            let initial = try #require(processes(ofContainer: id).min())
            kill(initial, SIGKILL)
            try await machine.until("it counts again under another process") {
                guard let next = processes(ofContainer: id).min() else { return false }
                let logs = try await machine.berth("logs", "--no-log-prefix", "counter")
                return next != initial && logs.lines.count { $0 == "line 1" } == 2
            }
        }
    }

    @Test("a command that is killed in the middle is finished by the next one")
    func commandKilled() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                (1...4).map { number in
                    """
                      s\(number):
                        build: {context: ., additional_contexts: {host: /bin}}
                        image: sleeper
                        command: [sleep, "1000"]
                        stop_grace_period: 0s
                    """
                }.joined(separator: "\n")
            )
            #expect(try await machine.berth("build").status == 0)
            // At whatever point the kill falls, the next `up` must reach the same end.
            for _ in 0..<6 {
                let victim = try machine.start(
                    [TestMachine.berth, "up", "-d"])
                for _ in 0..<Int.random(in: 1...4000) { await Task.yield() }
                try victim.signal(SIGKILL)
                _ = try await victim.end()
                let up = try await machine.berth("up", "-d")
                #expect(up.status == 0, "\(up.err)")
                #expect(try await machine.berth("ps", "-q").lines.count == 4)
                let down = try await machine.berth("down")
                #expect(down.status == 0, "\(down.err)")
                let check = try await machine.berth("system", "check")
                #expect(check.status == 0, "\(check.out)")
            }
        }
    }

    @Test("twenty simultaneous ups are one after another and end in one set of containers")
    func simultaneous() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                """
                  only:
                    build: {context: ., additional_contexts: {host: /bin}}
                    image: sleeper
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                """
            )
            #expect(try await machine.berth("build").status == 0)
            let results = try await withThrowingTaskGroup(of: TestMachine.Output.self) { group in
                for _ in 0..<20 { group.addTask { try await machine.berth("up", "-d") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for result in results { #expect(result.status == 0, "\(result.err)") }
            #expect(try await machine.berth("ps", "-q").lines.count == 1)
        }
    }

    /// The first word of the project's lock file.
    private func supervisorPID(of machine: TestMachine) throws -> pid_t? {
        let file = machine.folder.appending(path: "root/locks/\(machine.project)/supervisor")
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.split(separator: " ").first.flatMap { pid_t($0) }
    }

    /// Pids of what runs in a container's cgroup, the keeper apart.
    private func processes(ofContainer id: String) -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            // A process may end while it is looked at.
            let groups = try? String(contentsOfFile: "/proc/\(pid)/cgroup", encoding: .utf8)
            return groups?.contains(id) ?? false
        }
    }

    private func expectUnbrokenCount(_ machine: TestMachine) async throws {
        try await machine.until("it goes on counting") {
            try await machine.berth("logs", "--no-log-prefix", "counter").lines.count > 100
        }
        let lines = try await machine.berth("logs", "--no-log-prefix", "counter").lines
        #expect(lines.prefix(100) == (1...100).map { "line \($0)" }.prefix(100))
    }
}
