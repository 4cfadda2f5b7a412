import Foundation
import Glibc
import Testing
import TestSupport

/// What runs when the disk is full goes on.
@Suite("root: a full disk", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct FullDiskTests {
    private static let project = """
        services:
          web: {image: box, command: sleep 1000, stop_grace_period: 0s, environment: {X: "${X:-1}"}}
        """

    /// What a run of `web` left in its own memory: gone with the run.
    private func mark(_ machine: TestMachine, _ state: [String: String]) async throws -> String {
        try await machine.berth("exec", "web", "cat", "/dev/shm/mark", environment: state).out
    }

    @Test(
        "an up without work succeeds; restart and a recreating up leave a container running that could not be started again"
    )
    func keeps() async throws {
        try await TestMachine.with { machine in
            let disk = machine.folder.appending(path: "disk").path()
            try #require(mkdir(disk, 0o700) == 0)
            try #require(mount("tmpfs", disk, "tmpfs", 0, "size=100m,mode=0700") == 0)
            defer { #expect(umount2(disk, CInt(MNT_DETACH)) == 0) }
            var state = ["BERTH_ROOT": "\(disk)/root", "BERTH_RUN": "\(disk)/run"]
            try await machine.importBox("sh sleep cat", environment: state)
            try machine.write(Self.project)
            try #require(try await machine.berth("up", "-d", environment: state).status == 0)
            let marking = "echo first > /dev/shm/mark"
            try await machine.berth("exec", "web", "sh", "-c", marking, environment: state)
            try await machine.run(["sh", "-c", "cat /dev/zero > disk/filler"])
            let same = try await machine.berth("up", "-d", environment: state)
            #expect(same.status == 0, "nothing is to be done: \(same.err)")
            let restart = try await machine.berth("restart", environment: state)
            #expect(restart.status == 1)
            #expect(restart.err.contains("no space left on the device; what runs was left running"))
            #expect(try await mark(machine, state) == "first\n", "\(restart.err)")
            // Room for the first records of an `up`, and not for a start.
            try await machine.run(["truncate", "-s", "-400K", "disk/filler"])
            state["X"] = "2"
            let up = try await machine.berth("up", "-d", environment: state)
            #expect(up.status == 1)
            #expect(up.err.contains("what runs was left running"), "\(up.err)")
            #expect(try await mark(machine, state) == "first\n", "\(up.err)")
            try await machine.run(["rm", "disk/filler"])
            let again = try await machine.berth("up", "-d", environment: state)
            #expect(again.status == 0, "\(again.err)")
            #expect(try await mark(machine, state) == "")
            #expect(try await machine.berth("down", "-v", environment: state).status == 0)
            #expect(try await machine.berth("system", "check", environment: state).status == 0)
        }
    }

    @Test("logs says what a container that has ended could not write any more")
    func lostLogs() async throws {
        try await TestMachine.with { machine in
            let disk = machine.folder.appending(path: "disk").path()
            try #require(mkdir(disk, 0o700) == 0)
            try #require(mount("tmpfs", disk, "tmpfs", 0, "size=100m,mode=0700") == 0)
            defer { #expect(umount2(disk, CInt(MNT_DETACH)) == 0) }
            let state = ["BERTH_ROOT": "\(disk)/root", "BERTH_RUN": "\(disk)/run"]
            try await machine.importBox("sh sleep seq touch", environment: state)
            let script = "until [ -e /dev/shm/full ]; do sleep 0.05; done; seq 100"
            try machine.write("services: {web: {image: box, command: [sh, -c, \"\(script)\"]}}")
            try #require(try await machine.berth("up", "-d", environment: state).status == 0)
            try await machine.run(["sh", "-c", "cat /dev/zero > disk/filler"])
            try await machine.berth("exec", "web", "touch", "/dev/shm/full", environment: state)
            try await machine.until("it has ended") {
                try await machine.berth("ps", "-a", environment: state).out.contains("Exited (0)")
            }
            let logs = try await machine.berth("logs", environment: state)
            #expect(logs.status == 0)
            #expect(logs.out == "")
            let warning = "warning: \(machine.project)-web-1: the last 100 entries of its log ("
            #expect(logs.err.hasPrefix(warning), "\(logs.err)")
            #expect(logs.err.hasSuffix("are missing: No space left on device\n"), "\(logs.err)")
            #expect(try await machine.berth("down", environment: state).status == 0)
        }
    }
}
