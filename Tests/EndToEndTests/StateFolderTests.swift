import Foundation
import Glibc
import Testing
import TestSupport

/// What commands do that name the folders of the state in different ways, and what reaches a
/// supervisor of whoever starts it.
@Suite("root: folders of the state", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct StateFolderTests {
    private static let project = """
        services:
          a: {image: box, command: sleep 1000, stop_grace_period: 0s}
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep true")
            try machine.write(Self.project)
            try await body(machine)
        }
    }

    /// The variables that name the folders with these names in the machine's folder.
    private func folders(
        _ machine: TestMachine,
        root: String = "root",
        run: String = "run"
    ) -> [String: String] {
        let folder = machine.folder.path()
        return ["BERTH_ROOT": "\(folder)/\(root)", "BERTH_RUN": "\(folder)/\(run)"]
    }

    @Test("one that is reached by a link above it is the same one")
    func linkAbove() async throws {
        try await with { machine in
            symlink(".", machine.folder.path() + "/link")
            #expect(try await machine.berth("up", "-d").status == 0)
            let through = folders(machine, root: "link/root", run: "link/link/run")
            for command in [["exec", "-T", "a", "true"], ["system", "check"], ["up", "-d"]] {
                let run = try await machine.run(
                    [TestMachine.berth] + command,
                    environment: through
                )
                #expect(run.status == 0, "\(command): \(run.out)\(run.err)")
            }
            let relative = ["BERTH_ROOT": "link/root", "BERTH_RUN": "run"]
            #expect(
                try await machine.berth("restart", environment: relative).status == 0
            )
        }
    }

    @Test("one that is a link is refused, with where it leads")
    func link() async throws {
        try await with { machine in
            let root = machine.folder.path() + "/root"
            let words = "it is a symbolic link; set BERTH_ROOT to \(root)"
            symlink("root", machine.folder.path() + "/link")
            let up = try await machine.berth(
                "up",
                "-d",
                environment: folders(machine, root: "link")
            )
            #expect(up.status == 1)
            #expect(up.err.contains(words), "\(up.err)")
        }
    }

    @Test("a command with another BERTH_RUN names the one that the project was started with")
    func otherRun() async throws {
        try await with { machine in
            #expect(try await machine.berth("up", "-d").status == 0)
            let down = try await machine.berth(
                "down",
                environment: folders(machine, run: "other")
            )
            #expect(down.status == 1)
            #expect(down.err.contains("BERTH_RUN=\(machine.folder.path())/run"), "\(down.err)")
        }
    }

    @Test("one with the BERTH_RUN of another is told whose supervisor it found, and leaves that")
    func sharedRun() async throws {
        try await with { machine in
            #expect(try await machine.berth("up", "-d").status == 0)
            let other = folders(machine, root: "other")
            try await machine.importBox("sh sleep true", environment: other)
            let up = try await machine.berth("up", "-d", environment: other)
            #expect(up.status == 1)
            #expect(
                up.err.contains("belongs to the state folder \(machine.folder.path())/root"),
                "\(up.err)"
            )
            #expect(up.err.contains("set BERTH_RUN, too"), "\(up.err)")
            let own = folders(machine, root: "other", run: "own")
            #expect(try await machine.berth("up", "-d", environment: own).status == 0)
            #expect(try await machine.berth("down", environment: own).status == 0)
            // Nor is what the other has there taken for a left-over.
            let check = try await machine.berth("system", "check", "--repair", environment: other)
            #expect(check.status == 0, "\(check.out)\(check.err)")
            #expect(try await machine.berth("exec", "-T", "a", "true").status == 0)
        }
    }

    @Test("a supervisor is no nicer than other programs, whoever starts it")
    func nice() async throws {
        try await with { machine in
            let up = try await machine.run(["nice", "-n", "5", TestMachine.berth, "up", "-d"])
            #expect(up.status == 0, "\(up.err)")
            let lock = machine.folder.path() + "/root/locks/\(machine.project)/supervisor"
            let mark = try String(contentsOfFile: lock, encoding: .utf8)
            let pid = try #require(mark.split(separator: " ").first)
            let stat = try await machine.run(["cat", "/proc/\(pid)/stat"])
            // Field 19 of proc_pid_stat(5).
            #expect(stat.out.split(separator: " ").dropFirst(18).first == "0", "\(stat.out)")
        }
    }

    @Test("low limits of the starter are raised, or named")
    func limits() async throws {
        try await with { machine in
            for (limit, word) in [("-n 12", "ulimit -n"), ("-f 4", "ulimit -f")] {
                let up = try await machine.run([
                    "sh", "-c", "ulimit \(limit); exec \"$0\" up -d", TestMachine.berth,
                ])
                #expect(up.status == 0 || up.err.contains(word), "\(limit): \(up.err)")
                #expect(up.status == 0 || up.status == 1)
            }
        }
    }

}
