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

    private static let stopped = """
        services: {web: {image: box, command: ["true"], volumes: ["data:/data"]}}
        volumes: {data: {}}
        """

    /// Where ext4 counts some thousand blocks as free that it does not give, a folder needs a block of
    /// its own, and what is mapped may have holes.
    @Test(
        "what fills an ext4 disk can be removed, also after something could not be made",
        .enabled(if: Ext4Image.isPossible),
        arguments: [1024, 4096]
    )
    func ext4(blockSize: Int) async throws {
        try await TestMachine.with { machine in
            let disk = machine.folder.appending(path: "disk").path()
            let image = try Ext4Image(in: machine.folder, at: disk, blockSize: blockSize)
            defer { image.unmount() }
            // The sockets are elsewhere, as with /run.
            let state = [
                "BERTH_ROOT": "\(disk)/root",
                "BERTH_RUN": machine.folder.appending(path: "run-of-disk").path(),
            ]
            try await machine.importBox("true", environment: state)
            try machine.write(Self.stopped)
            for turn in 0..<4 {
                #expect(try await machine.berth("up", environment: state).status == 0)
                try await machine.until("nobody has the records open") {
                    access("\(disk)/root/berth.db-shm", F_OK) != 0
                }
                let data = "\(disk)/root/volumes/\(machine.project)_data/_data"
                try await machine.run(["sh", "-c", "head -c 3000000 /dev/zero > \(data)/file"])
                try await machine.run(["sh", "-c", "cat /dev/zero > disk/filler"])
                if turn > 0 {
                    let names = ["one", "two", "three"].map { "\(machine.project)-\($0)-\(turn)" }
                    for name in names {
                        let made = try await machine.berth(
                            "volume",
                            "create",
                            name,
                            environment: state
                        )
                        let list = try await machine.berth("volume", "ls", "-q", environment: state)
                        #expect(list.lines.contains(name) == (made.status == 0), "\(made.err)")
                    }
                }
                let down = try await machine.berth("down", "-v", environment: state)
                #expect(down.status == 0, "\(down.err)")
                #expect(access(data, F_OK) != 0)
                try await machine.run(["rm", "disk/filler"])
                try await machine.berth("volume", "prune", "-af", environment: state)
            }
            #expect(try await machine.berth("system", "check", environment: state).status == 0)
        }
    }
}

/// A small file system in a file.
private struct Ext4Image {
    private let place: String

    static var isPossible: Bool {
        access("/sbin/mkfs.ext4", X_OK) == 0 && access("/dev/loop-control", W_OK) == 0
    }

    init(in folder: URL, at place: String, blockSize: Int) throws {
        self.place = place
        let file = folder.appending(path: "image").path()
        let script = """
            truncate -s 200M '\(file)' && mkfs.ext4 -q -F -b \(blockSize) '\(file)' &&
            mkdir '\(place)' && mount -o loop '\(file)' '\(place)'
            """
        let shell = try Process.run(URL(filePath: "/bin/sh"), arguments: ["-c", script])
        shell.waitUntilExit()
        try #require(shell.terminationStatus == 0)
    }

    func unmount() { #expect(umount2(place, CInt(MNT_DETACH)) == 0) }
}
