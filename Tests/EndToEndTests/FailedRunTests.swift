import TestSupport
import Testing

/// `docker run` of what cannot be started: as docker 28.5 it leaves the container, which says why.
@Suite("root: runs that fail", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct FailedRunTests {
    /// Flags and command, the code of `run`, the code of the container, and a part of the reason.
    private static let cases: [(words: String, status: Int32, code: String, reason: String)] = [
        ("box nosuch", 127, "127", "nosuch: not found"),
        ("box /etc/passwd", 126, "126", "/etc/passwd: permission denied"),
        ("-u nouser box sleep 0", 125, "128", "no user \"nouser\""),
        (
            "-p 8099:80 -p 8099:81 box sleep 0", 125, "128",
            "the container has its port 80 there already"
        ),
    ]

    @Test("a run that fails prints the identifier, and leaves the container with its reason")
    func detached() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                as: "box",
                preparing: "mkdir -p base/etc; echo root::0:0::/:/bin/sh > base/etc/passwd"
            )
            for (words, status, code, reason) in Self.cases {
                let all = words.split(separator: " ").map(String.init)
                let start = [TestMachine.berth, "docker", "run", "-d", "--name", "c1"]
                let run = try await machine.run(start + all)
                #expect(run.status == status, "\(words): \(run.err)")
                #expect(run.err.contains(reason), "\(words): \(run.err)")
                let seen = try await machine.docker(
                    "inspect",
                    "-f",
                    "{{.Id}} {{.State.Status}} {{.State.ExitCode}}",
                    "c1"
                )
                let id = run.out.split(separator: "\n").first.map(String.init) ?? ""
                #expect(
                    id.count == 64 && seen.out == "\(id) created \(code)\n",
                    "\(words): \(seen)"
                )
                #expect(try await machine.docker("rm", "c1").status == 0)
                let removed = try await machine.run(start + ["--rm"] + all)
                #expect(removed.status == status && removed.out.count == 65, "\(words): \(removed)")
                #expect(try await machine.docker("ps", "-aq").out.isEmpty, "\(words)")
            }
        }
    }

    @Test("what has no name is refused in docker's words")
    func names() async throws {
        try await TestMachine.with { machine in
            for words in ["volume create --label =x", "network create --label =x n1"] {
                let all = words.split(separator: " ").map(String.init)
                let made = try await machine.run([TestMachine.berth, "docker"] + all)
                #expect(
                    made.status == 125 && made.err.contains("invalid label '=x': empty name"),
                    "\(made)"
                )
            }
            try await machine.importBox(as: "box")
            let run = try await machine.docker("run", "--network", "é", "box", "sleep", "0")
            let reason = "failed to set up container networking: network é not found"
            #expect(run.status == 125 && run.err.contains(reason), "\(run)")
            let volume = try await machine.docker("run", "-v", "a:/", "box", "sleep", "0")
            #expect(volume.status == 125 && volume.err.contains("are a drive"), "\(volume)")
        }
    }

    @Test("a container that has left its last network shows no ports")
    func ports() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(as: "box")
            let run = try await machine.docker(
                "run",
                "-d",
                "--name",
                "c1",
                "--expose",
                "80",
                "box",
                "sleep",
                "1000"
            )
            try #require(run.status == 0, "\(run.err)")
            let ports = ["ps", "--format", "[{{.Ports}}]"]
            #expect(
                try await machine.run([TestMachine.berth, "docker"] + ports).out == "[80/tcp]\n"
            )
            #expect(try await machine.docker("network", "disconnect", "bridge", "c1").status == 0)
            #expect(try await machine.run([TestMachine.berth, "docker"] + ports).out == "[]\n")
            #expect(try await machine.docker("rm", "-f", "c1").status == 0)
        }
    }
}
