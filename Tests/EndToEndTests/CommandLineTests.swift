import Foundation
import Glibc
import Linux
import TestSupport
import TestTerminal
import Testing

/// What the command line takes and refuses, as seen by whoever calls the program.
@Suite("root: command line", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct CommandLineTests {

    private func importBase(on machine: TestMachine) async throws {
        try await machine.importBox(
            "sleep",
            as: "base:1",
            change: "CMD [\"sleep\", \"1000\"]",
            preparing: "echo text > base/bin/text"
        )
    }

    @Test("without /proc the program says so, instead of taking the command for none")
    func withoutProc() async throws {
        try await TestMachine.with { machine in
            let script = "mkdir -p empty; mount --bind empty /proc; exec \"$0\" ps"
            let run = try await machine.run([
                "unshare", "-m", "/bin/sh", "-c", script, TestMachine.berth,
            ])
            #expect(run.status == 1)
            #expect(run.out == "")
            #expect(run.err.contains("there is no /proc here; mount it first"), "\(run.err)")
        }
    }

    @Test("exec tells what cannot be started by 126 and 127, and a missing replica by its number")
    func execCodes() async throws {
        try await TestMachine.with { machine in
            try await importBase(on: machine)
            try machine.write("services: {app: {image: base:1}}\n")

            let scaled = try await machine.berth("up", "-d", "--scale", "nosuch=1")
            #expect(scaled.status == 1)
            #expect(scaled.err.contains("no such service: nosuch"), "\(scaled.err)")
            #expect(try await machine.berth("ps", "-aq").out == "")

            let up = try await machine.berth("up", "--detach=true", "--quiet-build")
            try #require(up.status == 0, "\(up.err)")
            for before in [[], ["-p", "other"]] {
                let help = try await machine.run([TestMachine.berth] + before + ["help", "nosuch"])
                #expect(help.status == 1 && help.err.contains("no command `nosuch`"))
            }
            let missing = try await machine.berth("exec", "-T=true", "app", "nosuch")
            #expect(missing.status == 127, "\(missing.err)")
            #expect(missing.err.contains("nosuch"))
            #expect(try await machine.berth("exec", "app", "/bin/text").status == 126)
            for (words, code) in [
                (["-w", "/nodir"], 127), (["-w", "/bin/text"], 127), (["-w", "bin"], 128),
                (["-w", "", "-u", ""], 0), (["-u", "nosuch"], 1),
            ] as [([String], Int32)] {
                let program = [TestMachine.berth, "exec"] + words + ["app", "sleep", "0"]
                #expect(try await machine.run(program).status == code, "\(words)")
            }
            let second = try await machine.berth("exec", "--index", "2", "app", "sleep", "0")
            #expect(second.status == 1)
            #expect(second.err.contains("service \"app\" is not running container #2"))
            try await machine.berth("down", "-t", "0")
        }
    }

    @Test("where limits of the caller reach containers, up says so, and doctor")
    func limits() async throws {
        try await TestMachine.with { machine in
            try await importBase(on: machine)
            try machine.write("services: {app: {image: base:1}}\n")
            let low = { (words: String) in
                ["/bin/sh", "-c", "ulimit -n 600; \"$0\" \(words)", TestMachine.berth]
            }
            let doctor = try await machine.run(low("doctor --format '{{.What}} {{.State}}'"))
            let isTold = doctor.out.contains("nofile 600 instead of 524288")
            // Nothing is lost where the limit may be raised.
            #expect(isTold || doctor.out.contains("limits containers have their own"))
            let up = try await machine.run(low("up -d"))
            try #require(up.status == 0, "\(up.err)")
            #expect(
                up.err.contains("the limit nofile 600 instead of 524288") == isTold,
                "\(up.err)"
            )
            let again = try await machine.run(low("up -d"))
            #expect(!again.err.contains("nofile"), "\(again.err)")
            try await machine.berth("down", "-t", "0")
        }
    }

    @Test("logs do not end at the soft limits of whoever said up")
    func softLimits() async throws {
        try await TestMachine.with { machine in
            try await importBase(on: machine)
            try machine.write(
                """
                services:
                  app:
                    image: base:1
                    entrypoint: [busybox, sh, -c]
                    command: [busybox seq 1 200000; echo end]

                """
            )
            let up = try await machine.run(
                // In units of 512 bytes: less than the log, more than berth's own files.
                ["/bin/sh", "-c", "ulimit -S -f 4096; \"$0\" up -d", TestMachine.berth]
            )
            try #require(up.status == 0, "\(up.err)")
            let logs = try await machine.berth("logs", "-f", "--no-log-prefix")
            // It may have ended only then, which is said behind its last line.
            let lines = logs.lines.filter { $0 != "app-1 exited with code 0" }
            #expect(lines.count == 200_001 && lines.suffix(2) == ["200000", "end"])
            try await machine.berth("down", "-t", "0")
        }
    }

    @Test("exec on a terminal gives one, unless -T asks for none")
    func execTerminal() async throws {
        try await TestMachine.with { machine in
            try await importBase(on: machine)
            try machine.write("services: {app: {image: base:1}}\n")
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let look = "busybox test -t 1 && echo has one || echo has none"
            for (words, answer) in [(["exec"], "has one"), (["exec", "-T"], "has none")] {
                let program = try TerminalProgram(
                    [TestMachine.berth] + words + ["app", "busybox", "sh", "-c", look],
                    on: machine,
                    columns: 120,
                    rows: 20
                )
                #expect(try await program.end() == 0)
                #expect(program.text.contains(answer), "\(program.text)")
            }
            try await machine.berth("down", "-t", "0")
        }
    }

    @Test("down --rmi removes images while the project is still locked")
    func removesImagesAlone() async throws {
        try await TestMachine.with { machine in
            try await importBase(on: machine)
            try machine.write("services: {app: {image: base:1}}\n")
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            // The kernel keeps the order of what disappears.
            let watch = SharedFD(
                OwnedFD(taking: inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK)))
            )
            let root = machine.folder.appending(path: "root").path()
            let folders = ["blobs/sha256", "locks"]
            let numbers = folders.map { folder in
                watch.with {
                    inotify_add_watch($0, "\(root)/\(folder)", UInt32(IN_DELETE | IN_MOVED_FROM))
                }
            }
            let down = try await machine.berth("down", "--rmi", "all", "-t", "0")
            try #require(down.status == 0, "\(down.err)")
            var bytes = [UInt8](repeating: 0, count: 64 << 10)
            var gone: [Int32] = []
            // The project's supervisor removes the locks, after the command has come back.
            while !gone.contains(numbers[1]) {
                var waits = pollfd(fd: watch.with { $0 }, events: Int16(POLLIN), revents: 0)
                try #require(poll(&waits, 1, 20_000) == 1, "the locks stay: \(gone)")
                let count = watch.with { read($0, &bytes, bytes.count) }
                var offset = 0
                while offset + 16 <= count {
                    bytes.withUnsafeBytes { bytes in
                        gone.append(bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
                        let length = bytes.loadUnaligned(
                            fromByteOffset: offset + 12,
                            as: UInt32.self
                        )
                        offset += 16 + Int(length)
                    }
                }
            }
            let image = try #require(gone.firstIndex(of: numbers[0]), "\(gone)")
            let lock = try #require(gone.lastIndex(of: numbers[1]), "\(gone)")
            #expect(image < lock)
        }
    }

    @Test("system check lists what was left over, and removes it when it is asked to")
    func checkRepairs() async throws {
        try await TestMachine.with { machine in
            // Makes the state folder, which a check does not.
            try await importBase(on: machine)
            #expect(try await machine.berth("system", "check").status == 0)
            let left = machine.folder.appending(path: "root/containers")
                .appending(path: String(repeating: "ab", count: 32))
            try FileManager.default.createDirectory(at: left, withIntermediateDirectories: true)
            let listed = try await machine.berth("system", "check")
            #expect(listed.status == 1)
            #expect(FileManager.default.fileExists(atPath: left.path()))
            let repaired = try await machine.berth("system", "check", "--repair")
            #expect(repaired.status == 0, "\(repaired.out)\(repaired.err)")
            #expect(repaired.err.contains("removed "), "\(repaired.err)")
            #expect(!FileManager.default.fileExists(atPath: left.path()))
        }
    }

    @Test("completion knows projects, images, containers, and services that only have containers")
    func completesRecords() async throws {
        try await TestMachine.with { machine in
            try await importBase(on: machine)
            try machine.write("services: {app: {image: base:1}}\n", to: "shop/compose.yaml")
            let shop = machine.folder.appending(path: "shop")
            let up = try await machine.berth("up", "-d", in: shop)
            try #require(up.status == 0, "\(up.err)")

            let name = machine.project
            for (words, expected) in [
                (["-p", name, "logs", ""], "app\n:4\n"), (["-p", ""], "\(name)\n:4\n"),
                (["rmi", "ba"], "base:1\n:4\n"),
                (["container", "export", ""], "\(name)-app-1\n:4\n"),
            ] {
                let answer = try await machine.run([TestMachine.berth, "__complete"] + words)
                #expect(answer.out == expected, "\(words)")
                #expect(answer.err == "")
                #expect(answer.status == 0)
            }
            // A pipe that nobody writes into is given up.
            let pipe = try await machine.run(
                [
                    "/bin/sh", "-c", "mkfifo pipe; exec \"$0\" __complete -f pipe up ''",
                    TestMachine.berth,
                ]
            )
            #expect(pipe.status == 0)
            #expect(pipe.err == "")
            try await machine.berth("down", "-t", "0", in: shop)
        }
    }
}
