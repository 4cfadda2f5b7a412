import Foundation
import Glibc
import Testing
import TestSupport

/// What the supervisor and the commands that talk to it do when things end, hang or go missing.
@Suite("root: supervision", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct SupervisionTests {
    private static func service(_ name: String, _ command: String, _ more: String = "") -> String {
        """
          \(name):
            build: {context: ., additional_contexts: {host: /bin}}
            image: sleeper
            command: [sh, -c, "\(command)"]
            stop_signal: SIGKILL
            \(more)
        """
    }

    @Test(
        "up --wait says how a service ended that does not stay, each time",
        arguments: [
            ("sleep 0.3; exit 2", 1, "exited (2)"), ("echo why; exit 4", 1, "    why"),
            ("exit 0", 0, "Exited"),
        ] as [(String, Int32, String)]
    )
    func waits(command: String, status: Int32, word: String) async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                Self.service("a", command) + "\n" + Self.service("stays", "exec sleep 1000")
            )
            for _ in 0..<3 {
                let up = try await machine.berth("up", "-d", "--wait")
                #expect(up.status == status, "\(up.err)")
                #expect(up.err.contains(word), "\(up.err)")
            }
        }
    }

    @Test("up --wait looks again when all are ready")
    func looksAgain() async throws {
        try await TestMachine.with { machine in
            let check =
                "healthcheck: {test: [CMD-SHELL, 'touch /asked; test -e /ok'], interval: 100ms, retries: 9999}"
            try machine.writeSleepers(
                Self.service("early", "while ! test -e /go; do usleep 10000; done; exit 7") + "\n"
                    + Self.service("late", "exec sleep 1000", check)
            )
            let berth = TestMachine.berth
            let waiting = try machine.start([berth, "up", "-d", "--wait"])
            try await machine.until("both run, and one of them is waited for") {
                try await machine.berth("exec", "-T", "late", "test", "-e", "/asked").status == 0
            }
            try await machine.berth("exec", "-T", "early", "touch", "/go")
            try await machine.until("the other has ended") {
                try await machine.berth("ps", "-a").out.contains("Exited (7)")
            }
            try await machine.berth("exec", "-T", "late", "touch", "/ok")
            let up = try await waiting.end()
            #expect(up.status == 1)
            #expect(up.err.contains("-early-1 exited (7)"), "\(up.err)")
        }
    }

    @Test("an unhealthy dependency comes with what its check said and who was not started, once")
    func unhealthy() async throws {
        try await TestMachine.with { machine in
            let check =
                "healthcheck: {test: [CMD-SHELL, 'echo no answer; exit 3'], interval: 100ms, retries: 1}"
            try machine.writeSleepers(
                Self.service("db", "exec sleep 1000", check) + "\n"
                    + Self.service(
                        "web",
                        "exec sleep 1000",
                        "depends_on: {db: {condition: service_healthy}}"
                    )
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(up.err.contains("-db-1 is unhealthy: its check ended with 3"), "\(up.err)")
            #expect(up.err.contains("not started because of it: web"), "\(up.err)")
            #expect(up.err.components(separatedBy: "no answer").count == 2, "\(up.err)")
        }
    }

    @Test("one that waits to be started again has a supervisor after the next command")
    func backoff() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(Self.service("a", "echo start; exit 1", "restart: always"))
            #expect(try await machine.berth("up", "-d").status == 0)
            // Long enough in its back-off that the kill falls into it.
            try await machine.until("it was started four times") {
                try await machine.berth("logs", "--no-log-prefix").lines.count >= 4
            }
            try await machine.until("it waits") {
                try await machine.berth("ps", "-a").out.contains("Restarting")
            }
            let first = try #require(try machine.supervisor())
            kill(first, SIGKILL)
            let starts = try await machine.berth("logs", "--no-log-prefix").lines.count
            try await machine.until("it is started again") {
                try await machine.berth("ps", "-a")
                return try await machine.berth("logs", "--no-log-prefix").lines.count > starts
            }
            #expect(try machine.supervisor() != first)
        }
    }

    @Test("up and start say of one that waits to be started again that it does")
    func saysRestarting() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(Self.service("a", "exit 3", "restart: always"))
            #expect(try await machine.berth("up", "-d").status == 0)
            try await machine.until("it waits") {
                try await machine.berth("ps", "-a").out.contains("Restarting (3)")
            }
            for verb in [["up", "-d"], ["start"]] {
                try await machine.until("\(verb) finds it so") {
                    let run = try await machine.run([TestMachine.berth] + verb)
                    #expect(run.status == 0, "\(run.err)")
                    return run.err.contains("-a-1  Restarting")
                }
            }
        }
    }

    @Test(
        "wiped locks and sockets: the one supervisor is found, and down works",
        arguments: [
            "run", "run/projects/PROJECT/supervisor.sock",
        ]
    )
    func wiped(path: String) async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(Self.service("a", "exec sleep 1000"))
            #expect(try await machine.berth("up", "-d").status == 0)
            let first = try machine.supervisor()
            let gone = path.replacingOccurrences(of: "PROJECT", with: machine.project)
            try FileManager.default.removeItem(at: machine.folder.appending(path: gone))
            let restart = try await machine.berth("restart", "-t", "0")
            #expect(restart.status == 0, "\(restart.err)")
            #expect(try machine.supervisor() == first)
            let down = try await machine.berth("down", "-t", "0")
            #expect(down.status == 0, "\(down.err)")
        }
    }

    @Test(
        "the shorter of two graces counts, whoever has the project to himself",
        arguments: [
            ["stop", "-t", "1"], ["restart", "-t", "1"],
            ["up", "-d", "--force-recreate", "-t", "1"], ["down", "-t", "1"],
        ]
    )
    func shorterGrace(verb: [String]) async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                Self.service("a", "trap '' USR1; while :; do sleep 1; done")
                    .replacingOccurrences(of: "SIGKILL", with: "SIGUSR1")
            )
            #expect(try await machine.berth("up", "-d").status == 0)
            let berth = TestMachine.berth
            let began = ContinuousClock.now
            let long = try machine.start([berth, "stop", "-t", "100"])
            try await machine.until("the first stop is under way") {
                try await machine.run(["sh", "-c", "! flock -n \(machine.lock) true"]).status == 0
            }
            let short = try await machine.run([berth] + verb)
            #expect(short.status == 0, "\(short.err)")
            #expect(try await long.end().status == 0)
            #expect(ContinuousClock.now - began < .seconds(50))
            let runs = ["restart", "up"].contains(verb[0])
            #expect(try await machine.berth("ps", "-q").out.isEmpty != runs)
        }
    }

    @Test("a stopped supervisor is named after a while instead of a silent wait")
    func stoppedSupervisor() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(Self.service("a", "exec sleep 1000"))
            #expect(try await machine.berth("up", "-d").status == 0)
            let supervisor = try #require(try machine.supervisor())
            kill(supervisor, SIGSTOP)
            let berth = TestMachine.berth
            let said = try machine.write("", to: "said")
            let stop = try machine.start(["sh", "-c", "exec \(berth) stop -t 0 2> said"])
            try await machine.until("it says what it waits for") {
                try String(contentsOf: said, encoding: .utf8)
                    .contains("`kill -CONT \(supervisor)`")
            }
            kill(supervisor, SIGCONT)
            #expect(try await stop.end().status == 0)
        }
    }

    @Test("the last project that has a shared volume removes it; another one is told who has it")
    func sharedVolume() async throws {
        try await TestMachine.with { machine in
            let other = machine.project + "x"
            try machine.writeSleepers(
                Self.service("a", "exec sleep 1000", "volumes: ['vol:/data']")
                    + "\nvolumes: {vol: {name: \(machine.project)shared}}"
            )
            #expect(try await machine.berth("up", "-d").status == 0)
            #expect(try await machine.berth("-p", other, "up", "-d").status == 0)
            let first = try await machine.berth("down", "-v")
            #expect(first.status == 0, "\(first.err)")
            #expect(first.err.contains("\(other)-a-1"), "\(first.err)")
            let volumes = machine.folder.appending(path: "root/volumes").path()
            #expect(try FileManager.default.contentsOfDirectory(atPath: volumes).count == 1)
            // By its name alone a project may have it as somebody else's (`external`): it stays.
            let named = try await machine.berth("-p", other, "down", "-v", in: URL(filePath: "/"))
            #expect(named.status == 0, "\(named.err)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: volumes).count == 1)
            let file = machine.folder.appending(path: "compose.yaml").path()
            let last = try await machine.berth("-f", file, "-p", other, "down", "-v")
            #expect(last.status == 0, "\(last.err)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: volumes).isEmpty)
        }
    }

    @Test("after a restart of the machine ps says what is not started by itself")
    func reboot() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                Self.service("a", "exec sleep 1000", "restart: always") + "\n"
                    + Self.service("b", "exec sleep 1000")
            )
            #expect(try await machine.berth("up", "-d").status == 0)
            #expect(try await !machine.berth("ps").err.contains("restarted"))
            let supervisor = try #require(try machine.supervisor())
            kill(supervisor, SIGSTOP)
            for line in try await machine.berth("ps", "-q").lines {
                for process in machine.processes(ofContainer: line) { kill(process, SIGKILL) }
            }
            kill(supervisor, SIGKILL)
            let database = machine.folder.appending(path: "root/berth.db").path()
            let forged = try await machine.run([
                "sqlite3", database, "UPDATE facts SET value = 'another' WHERE name = 'bootID'",
            ])
            try #require(forged.status == 0, "\(forged.err)")
            for _ in 0..<2 {
                let ps = try await machine.berth("ps", "-a")
                #expect(ps.err.contains("starts \(machine.project)-a-1\n"), "\(ps.err)")
                #expect(!ps.out.contains("(0)"), "\(ps.out)")
                // The second time after a command that has noticed the restart.
                try await machine.berth("stop", "b")
            }
            // Nothing is left of what stays ended.
            let check = try await machine.berth("system", "check")
            #expect(check.status == 0, "\(check.out)")
            #expect(try await machine.berth("up", "-d").status == 0)
            #expect(try await !machine.berth("ps").err.contains("restarted"))
        }
    }
}

extension TestMachine {
    /// The lock of the command that changes the project.
    fileprivate var lock: String {
        folder.appending(path: "root/locks/\(project)/converge").path()
    }

    /// The first word of the project's lock file.
    func supervisor() throws -> pid_t? {
        let file = folder.appending(path: "root/locks/\(project)/supervisor")
        let text = try String(contentsOf: file, encoding: .utf8)
        return text.split(separator: " ").first.flatMap { pid_t($0) }
    }

    /// Pids of what runs in a container's cgroup.
    fileprivate func processes(ofContainer id: String) -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { pid in
            // A process may end while it is looked at.
            let groups = try? String(contentsOfFile: "/proc/\(pid)/cgroup", encoding: .utf8)
            return groups?.contains(id) ?? false
        }
    }
}
