import Foundation
import TestSupport
import Testing

/// What a new volume begins with. What is expected was taken from docker 28.5.
@Suite("root: copy-up", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct CopyUpTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh ls stat mkdir rm touch true cat",
                preparing: """
                    cd base; mkdir own empty sticky dt; echo x > own/f; chown 7:8 own; chmod 2750 own
                    chown 9:9 own/f; chmod 4755 own/f; ln own/f own/g; ln -s f own/l
                    chown 5:5 empty; chmod 700 empty; chmod 1777 sticky; echo plain > plain
                    chown 11:12 dt; chmod 750 dt; cd ..
                    """
            )
            try await body(machine)
        }
    }

    private func docker(_ machine: TestMachine, _ words: [String]) async throws
        -> TestMachine.Output
    {
        try await machine.run([TestMachine.berth, "docker"] + words)
    }

    private func run(_ machine: TestMachine, _ flags: String, _ script: String) async throws
        -> TestMachine.Output
    {
        let flags = flags.split(separator: " ").map(String.init)
        let words = ["run", "--rm", "--network", "none"] + flags + ["box", "sh", "-c", script]
        return try await docker(machine, words)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var flags: String
        /// Flags and scripts of containers that had the volume before.
        var before: [(flags: String, script: String)] = []
        var target = "/own"
        var seen: String
        var testDescription: String { "\(flags) after \(before.map(\.script))" }
    }

    private static let filled = "2750 7 8\nf\ng\nl\n"
    static let cases = [
        Case(flags: "-v vv:/own", seen: filled),
        Case(flags: "-v vv:/own:ro", seen: filled),
        Case(flags: "-v vv:/own:nocopy", seen: "755 0 0\n"),
        Case(
            flags: "-v vv:/own",
            before: [("-v vv:/own", "true"), ("-v vv:/x", "rm -rf /x/*")],
            seen: filled
        ),
        Case(flags: "-v vv:/own", before: [("-v vv:/x", "touch /x/q")], seen: "755 0 0\nq\n"),
        Case(flags: "-v vv:/own", before: [("-v vv:/empty", "true")], seen: filled),
        Case(flags: "-v vv:/empty", target: "/empty", seen: "700 5 5\n"),
        Case(flags: "-v vv:/empty:ro", target: "/empty", seen: "700 5 5\n"),
        Case(flags: "-v vv:/sticky", target: "/sticky", seen: "1777 0 0\n"),
        Case(flags: "-v vv:/nothere", target: "/nothere", seen: "755 0 0\n"),
        Case(flags: "-v vv:/own -v vv:/sticky", target: "/sticky", seen: filled),
        Case(flags: "-v vv:/sticky -v vv:/own", target: "/sticky", seen: filled),
        Case(
            flags: "--mount type=volume,src=vv,dst=/own,volume-subpath=sub",
            before: [("-v vv:/x", "mkdir /x/sub")],
            seen: filled
        ),
    ]

    @Test("begins with what the image has at its place", arguments: cases)
    func copied(example: Case) async throws {
        try await with { machine in
            for earlier in example.before {
                let made = try await run(machine, earlier.flags, earlier.script)
                try #require(made.status == 0, "\(made.err)")
            }
            let show = "stat -c '%a %u %g' \(example.target); ls \(example.target)"
            let shown = try await run(machine, example.flags, show)
            #expect(shown.out == example.seen, "\(shown.err)")
        }
    }

    @Test(
        "files keep owner, set-user-ID bit and hard links; a file in place of a folder is refused"
    )
    func files() async throws {
        try await with { machine in
            let show = "stat -c '%a %u %g %h' /own/f /own/g; cat /own/l"
            let shown = try await run(machine, "-v vv:/own", show)
            #expect(shown.out == "4755 9 9 2\n4755 9 9 2\nx\n", "\(shown.err)")
            let refused = try await run(machine, "-v ww:/plain", "true")
            #expect(refused.status != 0)
            #expect(refused.err.contains("/plain"), "\(refused.err)")
        }
    }

    @Test("what a container emptied is empty when it starts again")
    func once() async throws {
        try await with { machine in
            let words = ["--name", "cc", "--network", "none", "-v", "vv:/own", "box", "sh", "-c"]
            let first = try await docker(
                machine,
                ["run"] + words + ["ls /own; rm -rf /own/*; stat -c '%u' /own"]
            )
            #expect(first.out == "f\ng\nl\n7\n", "\(first.err)")
            #expect(try await docker(machine, ["start", "-a", "cc"]).out == "7\n")
            _ = try await docker(machine, ["rm", "cc"])
        }
    }

    @Test("a folder of the host is filled, what is in memory is not")
    func options() async throws {
        try await with { machine in
            let folder = machine.folder.appending(path: "host").path()
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            for options in [
                ["type=none", "o=bind", "device=\(folder)", "bound"],
                ["type=tmpfs", "device=tmpfs", "memory"],
            ] {
                let flags = options.dropLast().flatMap { ["-o", $0] } + options.suffix(1)
                let made = try await docker(machine, ["volume", "create"] + flags)
                try #require(made.status == 0, "\(made.err)")
            }
            let show = "stat -c '%a %u %g' /own; ls /own"
            #expect(try await run(machine, "-v bound:/own", show).out == Self.filled)
            #expect(try await run(machine, "-v memory:/own", show).out == "1777 0 0\n")
        }
    }

    @Test(
        "memory has the mode of the image's folder and is root's, unless asked for otherwise",
        arguments: [
            ("--tmpfs /dt", "750 0 0\n"), ("--tmpfs /dt:mode=700", "700 0 0\n"),
            ("--tmpfs /dt:uid=3,gid=4", "750 3 4\n"), ("--tmpfs /dt:mode=0", "0 0 0\n"),
            ("--tmpfs /dt:gid=4,mode=1777", "1777 0 4\n"),
            ("--mount type=tmpfs,dst=/dt,tmpfs-mode=0700", "700 0 0\n"),
            ("--mount type=tmpfs,dst=/dt,tmpfs-size=1m", "750 0 0\n"),
        ]
    )
    func memory(flags: String, seen: String) async throws {
        try await with { machine in
            let shown = try await run(machine, flags, "stat -c '%a %u %g' /dt; ls /dt")
            #expect(shown.out == seen, "\(shown.err)")
        }
    }
}
