import Foundation
import TestSupport
import Testing

/// `volume export` and `volume import`.
@Suite("root: volumes as archives", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct VolumeArchiveTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep ls stat cat mkdir chown echo ln")
            try await body(machine)
        }
    }

    /// What a container with the volume sees.
    private func inside(_ machine: TestMachine, _ volume: String, _ script: String) async throws
        -> TestMachine.Output
    {
        try await machine.docker(
            "run",
            "--rm",
            "--network",
            "none",
            "-v",
            "\(volume):/v",
            "box",
            "sh",
            "-c",
            script
        )
    }

    private func shell(_ machine: TestMachine, _ script: String) async throws
        -> TestMachine.Output
    {
        try await machine.run(["/bin/sh", "-c", script, TestMachine.berth])
    }

    @Test("a volume comes out and in again, through files and pipes, with owners and links")
    func roundTrip() async throws {
        try await with { machine in
            let script = """
                mkdir /v/d; echo one > /v/d/f; ln /v/d/f /v/g; ln -s d/f /v/l; chown 3:4 /v/d
                chown 5:6 /v; echo two > /v/.wh.g
                """
            try #require(try await inside(machine, "first", script).status == 0)
            let out = try await machine.berth("volume", "export", "-o", "first.tar", "first")
            #expect(out.status == 0, "\(out.err)")
            let into = try await machine.berth("volume", "import", "second", "first.tar")
            #expect(into.out == "second\n", "\(into.err)")
            let piped = try await shell(
                machine,
                #""$0" volume export second | gzip | "$0" volume import third -"#
            )
            #expect(piped.status == 0, "\(piped.err)")
            let seen = try await inside(
                machine,
                "third",
                "stat -c '%u %g' /v /v/d; stat -c %h /v/g; cat /v/l /v/.wh.g"
            )
            // Only in layers of images a name stands for a deletion.
            #expect(seen.out == "5 6\n3 4\n2\none\ntwo\n", "\(seen.err)")
        }
    }

    @Test("what is there already stays but for files of the same path")
    func merged() async throws {
        try await with { machine in
            _ = try await inside(machine, "old", "echo old > /v/a; echo old > /v/b")
            let script = #"mkdir t; echo new > t/b; tar -C t -c . | "$0" volume import old"#
            #expect(try await shell(machine, script).status == 0)
            #expect(try await inside(machine, "old", "cat /v/a /v/b").out == "old\nnew\n")
        }
    }

    @Test("while a container runs nothing is put under it; what it has can be written down")
    func inUse() async throws {
        try await with { machine in
            let run = try await machine.docker(
                "run",
                "-d",
                "--name",
                "cc",
                "--network",
                "none",
                "-v",
                "busy:/v",
                "box",
                "sleep",
                "1000"
            )
            try #require(run.status == 0, "\(run.err)")
            let out = try await machine.berth("volume", "export", "-o", "busy.tar", "busy")
            #expect(out.status == 0, "\(out.err)")
            let into = try await machine.berth("volume", "import", "busy", "busy.tar")
            #expect(into.status != 0)
            #expect(into.err.contains("it is in use by container cc"), "\(into.err)")
            _ = try await machine.docker("stop", "-t", "0", "cc")
            #expect(try await machine.berth("volume", "import", "busy", "busy.tar").status == 0)
            _ = try await machine.docker("rm", "cc")
        }
    }

    @Test(
        "an archive that leads out of the volume changes nothing outside",
        arguments: [
            "ln -s $PWD/outside t/link; tar -C t -cf h.tar link; mkdir u u/link; echo x > u/link/x; "
                + "tar -C u -rf h.tar link/x",
            "echo x > t/x; tar -C t --transform 's,^,../../../outside/,' -P -cf h.tar x",
            "echo x > t/x; tar -C t --transform \"s,^,$PWD/outside/,\" -P -cf h.tar x",
        ]
    )
    func hostile(making: String) async throws {
        try await with { machine in
            let made = try await shell(machine, "mkdir outside t; \(making)")
            try #require(made.status == 0, "\(made.err)")
            _ = try await machine.berth("volume", "import", "safe", "h.tar")
            #expect(try await shell(machine, "ls outside").out == "")
            #expect(try await shell(machine, "ls root/trash").out == "")
        }
    }

    @Test("what has no end is no archive at once, and no device is read")
    func endless() async throws {
        try await with { machine in
            #expect(try await machine.docker("create", "--name", "cc", "box", "sh").status == 0)
            for (command, words) in [
                (#"cat /dev/zero | timeout 20 "$0" volume import new"#, "is not a tar archive"),
                (#"yes | timeout 20 "$0" volume import new"#, "is not a tar archive"),
                (#"cat /dev/zero | timeout 20 "$0" docker cp - cc:/"#, "is not a tar archive"),
                (#"timeout 20 "$0" volume import new /dev/zero"#, "/dev/zero is a device"),
                (#"timeout 20 "$0" volume import new < /dev/zero"#, "standard input is a device"),
                (#"timeout 20 "$0" image import /dev/zero new"#, "is a device"),
                (#"timeout 20 "$0" image load < /dev/zero"#, "standard input is a device"),
            ] {
                let refused = try await shell(machine, command)
                #expect(refused.status == 1, "\(command): \(refused.status) \(refused.err)")
                #expect(refused.err.contains(words), "\(command): \(refused.err)")
            }
            #expect(try await machine.berth("volume", "ls", "-q").out == "")
            #expect(try await machine.docker("rm", "cc").status == 0)
        }
    }

    @Test("over a link or a folder nothing is put, and nothing else is changed")
    func obstacle() async throws {
        try await with { machine in
            _ = try await inside(machine, "old", "ln -s /bin /v/d; echo old > /v/a; mkdir /v/f")
            for (making, place) in [
                ("mkdir -p t/d; echo x > t/d/x; echo new > t/a", "d"),
                ("mkdir t; echo x > t/f; echo new > t/a", "f"),
            ] {
                let script = #"rm -rf t; \#(making); tar -C t -c . | "$0" volume import old"#
                let refused = try await shell(machine, script)
                #expect(refused.status == 1, "\(refused.err)")
                #expect(
                    refused.err.contains("old") && refused.err.contains(place),
                    "\(refused.err)"
                )
                #expect(refused.err.contains("nothing was changed"), "\(refused.err)")
                #expect(try await inside(machine, "old", "cat /v/a; ls /v").out == "old\na\nd\nf\n")
            }
        }
    }

    @Test("names that are not UTF-8 go in, out, and from an image into a volume, as they are")
    func names() async throws {
        try await TestMachine.with { machine in
            // 0xFF is in no UTF-8.
            try await machine.importBox(
                "sh ls cat od ln echo mkdir",
                preparing: #"mkdir base/data; echo one > "base/data/$(printf 'a\377b')""#
            )
            let list = "echo /v/* | od -An -c; cat /v/*"
            let filled = try await machine.docker(
                "run",
                "--rm",
                "--network",
                "none",
                "-v",
                "first:/data",
                "box",
                "sh",
                "-c",
                "echo /data/* | od -An -c; cat /data/*"
            )
            #expect(filled.out.contains("a 377   b") && filled.out.contains("one"), "\(filled)")
            let script = #""$0" volume export first | "$0" volume import second"#
            let moved = try await shell(machine, script)
            #expect(moved.status == 0, "\(moved.err)")
            let seen = try await inside(machine, "second", list)
            #expect(seen.out.contains("a 377   b") && seen.out.contains("one"), "\(seen)")
            let copied = try await shell(
                machine,
                #"""
                "$0" docker create --name cc -v second:/v box sh >&2 && "$0" docker cp cc:/v - | tar -t | od -An -c
                "$0" docker rm cc >&2
                """#
            )
            // tar(1) shows the byte as `\\377`.
            #expect(copied.out.contains("3   7   7"), "\(copied)")
            #expect(try await machine.berth("volume", "rm", "first", "second").status == 0)
        }
    }

    @Test("what is no archive, and a volume that is not there, are named")
    func wrong() async throws {
        try await with { machine in
            try machine.write("words\n", to: "words")
            let words = try await machine.berth("volume", "import", "new", "words")
            #expect(words.status != 0)
            #expect(words.err.contains("words is not a tar archive"), "\(words.err)")
            #expect(try await machine.berth("volume", "ls", "-q").out == "")
            let gone = try await machine.berth("volume", "export", "-o", "x", "gone")
            #expect(gone.status != 0)
            #expect(gone.err.contains("no such volume"), "\(gone.err)")
            #expect(try await machine.run(["ls", "x"]).status != 0)
        }
    }
}
