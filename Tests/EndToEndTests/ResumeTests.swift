import Foundation
import Glibc
import Testing
import TestSupport

/// A restart of the machine, as far as it can be played: all processes are gone, and the kernel says
/// that it is another boot.
@Suite("root: resumption", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct ResumeTests {
    @Test("up --resume starts what the restart policies say, and nothing else")
    func policies() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo test")
            let common = "image: box, command: [sleep, '1000'], init: true, stop_grace_period: 0s"
            try machine.write(
                """
                services:
                  web: {\(common), restart: always, depends_on: {db: {condition: service_healthy}}}
                  db:
                    {\(common), restart: unless-stopped, healthcheck: {test: [CMD, echo], interval: 1s}}
                  failing: {\(common), restart: on-failure}
                  plain: {\(common)}
                  stopped: {\(common), restart: always}
                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            #expect(try await machine.berth("stop", "stopped").status == 0)
            try endAll(of: machine)
            // No control group outlives the kernel.
            let groups =
                "find /sys/fs/cgroup -depth -type d -path \"*/project-$0/*\" -exec rmdir {} +"
            let removed = try await machine.run(["sh", "-c", groups, machine.project])
            #expect(removed.status == 0, "\(removed.err)")
            let boot = machine.folder.appending(path: "boot").path()
            try machine.write("00000007-0000-4000-8000-000000000000\n", to: "boot")
            let berth: ([String]) async throws -> TestMachine.Output = { words in
                let script = """
                    mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"
                    """
                return try await machine.run(
                    ["/usr/bin/unshare", "-m", "sh", "-c", script, boot, TestMachine.berth] + words
                )
            }
            let resumed = try await berth(["up", "--resume"])
            #expect(resumed.status == 0, "\(resumed.err)")
            let running = try await berth(["ps", "--services", "--status", "running"])
            #expect(running.lines.sorted() == ["db", "failing", "web"], "\(running.err)")
            let again = try await berth(["up", "--resume"])
            #expect(again.err.contains("nothing waits"))
            let check = try await berth(["system", "check"])
            #expect(check.status == 0, "\(check.out)")
            #expect(try await berth(["down", "-t", "0"]).status == 0)
        }
    }

    @Test("--resume takes nothing that it would not do")
    func refusals() async throws {
        try await TestMachine.with { machine in
            for words in [["web"], ["--build"], ["--wait"], ["--scale", "web=2"]] {
                let output = try await machine.run(
                    [TestMachine.berth, "up", "--resume"] + words
                )
                #expect(output.status != 0)
                #expect(output.err.contains("--resume takes neither"), "\(output.err)")
            }
        }
    }

    @Test("install-unit writes a unit that leads to this state folder")
    func unit() async throws {
        try await TestMachine.with { machine in
            let output = try await machine.berth(
                "system",
                "install-unit",
                "--folder",
                machine.folder.path()
            )
            #expect(output.status == 0, "\(output.err)")
            let file = machine.folder.appending(path: "berth-resume.service")
            let text = try String(contentsOf: file, encoding: .utf8)
            let program = TestMachine.berth.replacing("//", with: "/")
            #expect(text.contains("ExecStart=\"\(program)\" --progress plain up --resume\n"))
            #expect(text.contains("BERTH_ROOT=\(machine.folder.path())/root\"\n"))
            #expect(text.contains("WantedBy=multi-user.target"))
        }
    }

    /// Kills every process of the machine's containers: inits, keepers, the supervisor.
    private func endAll(of machine: TestMachine) throws {
        let file = machine.folder.appending(path: "root/locks/\(machine.project)/supervisor")
        let lock = try String(contentsOf: file, encoding: .utf8)
        let supervisor = try #require(lock.split(separator: " ").first.flatMap { pid_t($0) })
        kill(supervisor, SIGKILL)
        let folders = machine.folder.appending(path: "root/containers").path()
        let ids = try FileManager.default.contentsOfDirectory(atPath: folders)
        // A keeper starts the next supervisor: all of them go, until none is left.
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let left = processes { text in
                ids.contains { text.contains($0) } || text.contains(machine.project)
            }
            if left.isEmpty { return }
            for process in left { kill(process, SIGKILL) }
        }
        Issue.record("processes of the machine cannot be killed")
    }

    /// By their control groups and command lines; not the tests themselves.
    private func processes(where isMeant: (String) -> Bool) -> [pid_t] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { pid_t($0) }.filter { process in
            guard process != getpid() else { return false }
            let texts = ["cgroup", "cmdline"].map { name in
                // One that has ended meanwhile has neither.
                (try? String(contentsOfFile: "/proc/\(process)/\(name)", encoding: .utf8)) ?? ""
            }
            let isBerth = texts[1].contains("berth")
            return isMeant(texts[0]) || (isBerth && isMeant(texts[1]))
        }
    }
}
