import Foundation
import Testing
import TestSupport

/// Flags of `up` that say when it ends, with which exit code, and what it shows.
@Suite("root: flags of up", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct UpFlagsTests {

    private func with(
        _ project: String,
        _ body: (TestMachine) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo cat")
            try machine.write(project)
            try await body(machine)
        }
    }

    /// `job` is waited for by `web`; `test` fails when `web` runs; both of those end in their own
    /// way when they are stopped.
    private static let project = """
        services:
          job: {image: box, command: sh -c 'echo of job'}
          web:
            image: box
            command: [sh, -c, "trap 'exit 7' TERM; echo of web; while :; do sleep 0.1; done"]
            depends_on: {job: {condition: service_completed_successfully}}
          test:
            image: box
            command: [sh, -c, "echo of test; exit 3"]
            depends_on: [web]
        """

    @Test(
        "the first end stops the others, and gives the exit code unless a service is chosen",
        arguments: [
            (["--abort-on-container-exit"], 3), (["--abort-on-container-failure"], 3),
            (["--exit-code-from", "web"], 7), (["--exit-code-from", "job"], 0),
        ] as [([String], Int32)]
    )
    func abort(flags: [String], code: Int32) async throws {
        try await with(Self.project) { machine in
            let up = try await machine.run([TestMachine.berth, "up"] + flags)
            #expect(up.status == code, "\(up.err)")
            #expect(try await machine.berth("ps", "--services").out == "")
            guard code != 0 else { return }
            #expect(up.err.contains("test ended with 3: stopping all"), "\(up.err)")
            for line in ["of test", "of web", "of job"] { #expect(up.out.contains("| \(line)\n")) }
            for line in ["job-1 exited with code 0", "test-1 exited with code 3"] {
                #expect(up.lines.contains(line), "\(up.out)")
            }
        }
    }

    @Test("--all-resources makes what no service uses, also where there is no service")
    func allResources() async throws {
        try await with("volumes: {spare: {}}\nnetworks: {side: {}}\n") { machine in
            let refused = try await machine.berth("up", "-d")
            #expect(refused.status == 1 && refused.err.contains("no service selected"))
            let up = try await machine.berth("--all-resources", "up", "-d")
            #expect(up.status == 0, "\(up.err)")
            for name in ["Volume \(machine.project)_spare", "Network \(machine.project)_side"] {
                #expect(up.err.contains("\(name)  Created"), "\(up.err)")
            }
        }
    }

    @Test("--yes makes a volume again that the file says otherwise, and nothing else")
    func renewedVolume() async throws {
        let file = """
            services:
              web: {image: box, command: [sh, -c, "sleep 100"], volumes: ["data:/data", "kept:/kept"]}
              other: {image: box, command: [sh, -c, "sleep 100"]}
            volumes:
              data: {labels: {age: "1"}}
              kept: {}
            """
        try await with(file) { machine in
            #expect(try await machine.berth("up", "-d").status == 0)
            let write = "echo one > /data/file; echo two > /kept/file"
            #expect(try await machine.berth("exec", "-T", "web", "sh", "-c", write).status == 0)
            let ids = try await machine.berth("ps", "-q", "other").out
            try machine.write(file.replacing(#"age: "1""#, with: #"age: "2""#))
            let without = try await machine.berth("up", "-d")
            #expect(without.status == 0)
            #expect(
                without.err.contains("labels.age changed; it is used as it is"),
                "\(without.err)"
            )
            let read = ["exec", "-T", "web", "sh", "-c", "cat /data/file /kept/file"]
            #expect(try await machine.run([TestMachine.berth] + read).out == "one\ntwo\n")
            let with = try await machine.berth("up", "-d", "-y")
            #expect(with.status == 0, "\(with.err)")
            #expect(try await machine.run([TestMachine.berth] + read).out == "two\n")
            #expect(try await machine.berth("ps", "-q", "other").out == ids)
            let again = try await machine.berth("up", "-d", "-y")
            #expect(!again.err.contains("Created"), "\(again.err)")
        }
    }

    @Test("logs are shown of the services asked for, and ends count of those that are shown")
    func attach() async throws {
        try await with(Self.project) { machine in
            let flags = ["--no-attach", "job", "--no-attach", "web", "--exit-code-from", "web"]
            let without = try await machine.run([TestMachine.berth, "up"] + flags)
            #expect(without.status == 7, "\(without.err)")
            #expect(without.lines == ["test-1  | of test", "test-1 exited with code 3"])
            let one = try await machine.run([
                TestMachine.berth, "up", "--attach", "web", "--exit-code-from", "test",
            ])
            #expect(one.status == 3, "\(one.err)")
            #expect(one.lines == ["web-1  | of web", "web-1 exited with code 7"])
            for (arguments, reason) in [
                (["--attach", "nosuch"], "cannot attach to services not included in up: nosuch"),
                (["--no-attach", "nosuch"], "no such service: nosuch"),
                (["--exit-code-from", "nosuch"], "no such service: nosuch"),
                (["-d", "--attach", "web"], "--detach cannot be combined with --attach"),
                (["--wait", "--exit-code-from", "web"], "--wait cannot be combined with"),
            ] {
                let refused = try await machine.run([TestMachine.berth, "up"] + arguments)
                #expect(refused.status == 1)
                #expect(refused.err.contains(reason), "\(refused.err)")
            }
        }
    }

    @Test("--no-build takes the image that is here, and refuses one that is not")
    func noBuild() async throws {
        let project = """
            services:
              web: {build: {context: ., dockerfile_inline: FROM box}, pull_policy: build, command: echo x}
            """
        try await with(project) { machine in
            let missing = try await machine.berth("up", "-d", "--no-build")
            #expect(missing.status == 1)
            #expect(missing.err.contains("leave `--no-build` out"), "\(missing.err)")
            #expect(try await machine.berth("ps", "-aq").out == "")
            #expect(try await machine.berth("build", "-q").status == 0)
            let up = try await machine.berth("up", "-d", "--no-build", "-y")
            #expect(up.status == 0 && !up.err.contains("FROM"), "\(up.err)")
        }
    }

    @Test("--wait gives up a service that ends again and again, with the words of its last run")
    func crashes() async throws {
        let project = """
            services:
              bad:
                image: box
                restart: ${RESTART}
                command: [sh, -c, "n=$$(cat /count/n)x; echo $$n > /count/n; echo run $$n; exit 3"]
                volumes: ["./count:/count"]
              ok: {image: box, command: sleep 1000, stop_grace_period: 0s}
            """
        try await with(project) { machine in
            for (restart, times) in [("on-failure:3", 4), ("always", 8)] {
                try machine.write("", to: "count/n")
                let up = try await machine.berth(
                    "up",
                    "-d",
                    "--wait",
                    "--force-recreate",
                    environment: ["RESTART": restart]
                )
                #expect(up.status == 1)
                let words = restart == "always" ? "exited (3), 8 times in a row" : "exited (3)"
                #expect(
                    up.err.contains("container \(machine.project)-bad-1 \(words);"),
                    "\(up.err)"
                )
                let runs = up.err.split(separator: "\n").filter { $0.contains("run x") }
                #expect(runs == ["    run \(String(repeating: "x", count: times))"], "\(up.err)")
            }
            #expect(try await machine.berth("ps", "--services").lines.contains("ok"))
        }
    }
}
