import Foundation
import TestSupport
import Testing

/// `volume create`, `ls`, `rm` and `prune`, and compose files that use what they make.
@Suite("root: volumes by hand", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(4)))
struct VolumesByHandTests {
    private func docker(_ machine: TestMachine, _ words: String...) async throws
        -> TestMachine.Output
    {
        try await machine.run([Products.path("berth"), "docker", "volume"] + words)
    }

    @Test("a volume that was made by hand is external to a compose file")
    func external() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat echo")
            let made = try await docker(machine, "create", "--label", "x=y", "hand")
            #expect(made.out == "hand\n", "\(made.err)")
            #expect(try await docker(machine, "create", "hand").out == "hand\n")
            try machine.write(
                """
                services:
                  web:
                    image: box
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                    network_mode: none
                    volumes: ["hand:/data"]
                volumes: {hand: {external: true}}
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            let busy = try await docker(machine, "rm", "hand")
            #expect(
                busy.err.contains("remove hand: volume is in use - ["),
                "\(busy.err)"
            )
            #expect(try await docker(machine, "ls", "-q", "-f", "dangling=true").out == "")
            #expect(try await machine.berth("down", "-v").status == 0)
            #expect(try await docker(machine, "ls", "-q", "-f", "label=x").out == "hand\n")
            #expect(try await docker(machine, "rm", "hand").out == "hand\n")
        }
    }

    @Test("prune takes anonymous volumes, and with -a those with names")
    func pruning() async throws {
        try await TestMachine.with { machine in
            let anonymous = try await docker(machine, "create")
            #expect(anonymous.out.count == 65, "\(anonymous.err)")
            #expect(try await docker(machine, "create", "named").status == 0)
            let some = try await docker(machine, "prune", "-f")
            #expect(some.lines.prefix(2) == ["Deleted Volumes:", anonymous.lines[0]])
            #expect(some.lines.last == "Total reclaimed space: 0B")
            #expect(try await docker(machine, "ls", "-q").out == "named\n")
            #expect(try await docker(machine, "prune", "-fa").lines.contains("named"))
            #expect(try await docker(machine, "ls").out == "DRIVER    VOLUME NAME\n")
        }
    }

    @Test("a volume of one machine has nothing to update, in docker's words")
    func update() async throws {
        try await TestMachine.with { machine in
            #expect(try await docker(machine, "create", "vv").status == 0)
            for words in [["vv"], ["--availability", "drain", "vv"]] {
                let run = try await machine.run(
                    [Products.path("berth"), "docker", "volume", "update"] + words
                )
                #expect(run.status == 1 && run.err == "can only update cluster volumes\n", "\(run)")
            }
            let gone = try await docker(machine, "update", "nope")
            #expect(gone.status == 1)
            #expect(gone.err == "Error response from daemon: get nope: no such volume\n")
            #expect(try await docker(machine, "rm", "vv").status == 0)
        }
    }

    @Test("what is refused is refused in docker's words")
    func refusals() async throws {
        try await TestMachine.with { machine in
            let engine = "Error response from daemon: "
            for (words, text) in [
                (["rm", "nosuch"], "\(engine)get nosuch: no such volume"),
                (
                    ["create", "-d", "x", "v"],
                    "\(engine)create v: error looking up volume plugin x"
                ),
                (["create", "-o", "foo=bar", "vv"], "invalid option: \"foo\""),
                (["create", "x"], "x"), (["ls", "-f", "foo=1"], "\(engine)invalid filter 'foo'"),
                (["prune", "-f", "--filter", "until=1h"], "until"),
            ] {
                let run = try await machine.run(
                    [Products.path("berth"), "docker", "volume"] + words
                )
                #expect(run.status == 1 && run.err.contains(text), "\(words): \(run.err)")
            }
            #expect(try await docker(machine, "rm", "-f", "nosuch").out == "nosuch\n")
        }
    }

    @Test(
        "what is no volume is refused in docker's words",
        arguments: [
            ("-o type=tmpfs vv", "create vv: missing required option: \"device\""),
            ("-o device=tmpfs vv", "create vv: missing required option: \"type\""),
            ("-o foo=bar vv", "create vv: invalid option: \"foo\""),
            ("-o size=10m vv", "create vv: quota size requested but no quota support"),
            ("v", "create v: volume name is too short, names should be at least two"),
            ("v/v", "create v/v: \"v/v\" includes invalid characters for a local volume name"),
            (".vv", "create .vv: \".vv\" includes invalid characters for a local volume name"),
        ]
    )
    func refused(words: String, reason: String) async throws {
        try await TestMachine.with { machine in
            let flags = words.split(separator: " ").map(String.init)
            let made = try await machine.run(
                [TestMachine.berth, "docker", "volume", "create"] + flags
            )
            #expect(made.status == 1)
            #expect(made.err.hasPrefix("Error response from daemon: " + reason), "\(made.err)")
        }
    }
}
