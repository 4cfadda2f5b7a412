import Foundation
import Glibc
import Testing
import TestSupport

/// Hooks and mounts of other services, from the command line.
@Suite(
    "root: hooks and mounts of others",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(5))
)
struct HookTests {
    private static func service(_ name: String, _ command: String, _ more: String = "") -> String {
        """
          \(name):
            build: {context: ., additional_contexts: {host: /bin}}
            image: sleeper
            command: [sh, -c, "\(command)"]
            stop_signal: SIGKILL
            \(more)

        """
    }

    private static func hooked(post: String = "true", pre: String = "true") -> String {
        service(
            "a",
            "exec sleep 1000",
            """
            environment: {A: one}
                volumes: [seen:/seen]
                post_start:
                  - command: [sh, -c, "echo $$A $$B $$(pwd) $$(id -u) >> /seen/post; \(post)"]
                    environment: [B=two]
                    working_dir: /seen
                    user: "0"
                pre_stop: [{command: [sh, -c, "echo pre >> /seen/pre; \(pre)"]}]
            """
        ) + "volumes: {seen: {}}\n"
    }

    private func lines(_ machine: TestMachine, _ file: String) throws -> [String] {
        let path = "root/volumes/\(machine.project)_seen/_data/\(file)"
        let file = machine.folder.appending(path: path)
        guard FileManager.default.fileExists(atPath: file.path()) else { return [] }
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("hooks are run around what commands start and stop, by the records alone too")
    func hooks() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(Self.hooked())
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            #expect(try lines(machine, "post") == ["one two /seen 0"])
            #expect(try await machine.berth("restart").status == 0)
            #expect(try lines(machine, "post").count == 2)
            #expect(try lines(machine, "pre").count == 1)
            try await machine.run(["rm", "compose.yaml"])
            #expect(try await machine.berth("-p", machine.project, "stop").status == 0)
            #expect(try lines(machine, "pre").count == 2)
            #expect(try await machine.berth("-p", machine.project, "start").status == 0)
            #expect(try lines(machine, "post").count == 3)
        }
    }

    @Test("what hooks write is shown among the logs of an attached `up`")
    func shown() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                Self.service(
                    "a",
                    "echo begun; exec sleep 1000",
                    """
                    post_start: [{command: [sh, -c, "echo prepared"]}]
                        pre_stop: [{command: [sh, -c, "echo leaving; echo now >&2"]}]
                    """
                ) + Self.service("job", "true", "depends_on: [a]")
            )
            let up = try await machine.berth("up", "--abort-on-container-exit")
            #expect(up.status == 0, "\(up.err)")
            for line in ["a-1 ->  | prepared", "a-1 ->  | leaving", "a-1 ->  | now"] {
                #expect(up.lines.contains(line), "\(up.out)")
            }
        }
    }

    @Test("a hook that fails fails the command with what it wrote, and keeps what runs running")
    func failures() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(Self.hooked(post: "echo no luck; exit 7"))
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(up.err.contains("a hook exited with status 7: post_start"), "\(up.err)")
            #expect(up.err.contains("    no luck"), "\(up.err)")
            try machine.writeSleepers(Self.hooked(pre: "test -e /gone"))
            // The hook that there is comes with the container.
            #expect(try await machine.berth("up", "-d").status == 0)
            let down = try await machine.berth("down")
            #expect(down.status == 1)
            #expect(down.err.contains("a hook exited with status 1: pre_stop"), "\(down.err)")
            #expect(try await machine.berth("ps", "-q").lines.count == 1)
            #expect(try await machine.berth("exec", "-T", "a", "touch", "/gone").status == 0)
        }
    }

    @Test("a privileged hook and `exec --privileged` have every capability, beside docker's filter")
    func privileged() async throws {
        let look =
            "while read key value; do case $key in CapEff:|Seccomp:) echo $value;; esac; "
            + "done < /proc/self/status"
        let ours = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            .split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let all = try #require(ours?.split(separator: "\t").last.map(String.init))
        try await TestMachine.with { machine in
            let script = look.replacing("$", with: "$$")
            try machine.writeSleepers(
                Self.service(
                    "a",
                    "exec sleep 1000",
                    """
                    volumes: [seen:/seen]
                        post_start:
                          - command: [sh, -c, "(\(script)) > /seen/post"]
                            privileged: true
                    """
                ) + "volumes: {seen: {}}\n"
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            #expect(try lines(machine, "post") == [all, "2"])
            let exec = try await machine.berth("exec", "-T", "--privileged", "a", "sh", "-c", look)
            #expect(exec.lines == [all, "2"], "\(exec.err)")
            let name = "\(machine.project)-a-1"
            let docker = try await machine.berth(
                "docker",
                "exec",
                "--privileged",
                name,
                "sh",
                "-c",
                look
            )
            #expect(docker.lines == [all, "2"], "\(docker.err)")
            let plain = try await machine.berth("exec", "-T", "a", "sh", "-c", look)
            #expect(plain.lines == ["00000000a80425fb", "2"], "\(plain.err)")
        }
    }

    @Test(
        "pre_start is run in a container of its own before the start, and keeps it from being done"
    )
    func preStart() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo cat ls id")
            func write(_ script: String) throws {
                try machine.write(
                    """
                    services:
                      a:
                        image: box
                        init: true
                        scale: 2
                        command: sh -c 'cat /seen/*; sleep 1000'
                        environment: {A: one}
                        volumes: [seen:/seen]
                        pre_start:
                          - command: sh -c '\(script)'
                            environment: [B=two]
                            working_dir: /seen
                            user: "0:5"
                          - {command: sh -c 'echo each >> /seen/each', per_replica: true}
                    volumes: {seen: {}}
                    """
                )
            }
            try write("echo no luck; exit 7")
            let failed = try await machine.berth("up", "-d")
            #expect(failed.status == 1)
            let kept = "\(machine.project)-a-pre_start-1"
            #expect(failed.err.contains("compose.yaml:10:"), "\(failed.err)")
            #expect(failed.err.contains("its hook exited with status 7: pre_start[0]"))
            #expect(failed.err.contains("in container \(kept), which is kept"))
            #expect(failed.err.contains("no luck"))
            #expect(try await machine.berth("ps", "-q").out.isEmpty)
            #expect(try await machine.berth("container", "logs", kept).out == "no luck\n")
            try write("echo $$A $$B $$(id -g) >> once")
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            #expect(try lines(machine, "once") == ["one two 5"])
            #expect(try lines(machine, "each") == ["each", "each"])
            #expect(try await machine.berth("ps", "-q").lines.count == 2)
            let all = try await machine.berth("container", "ls", "-a", "--format", "{{.Names}}")
            #expect(all.lines.sorted() == ["1", "2"].map { "\(machine.project)-a-\($0)" })
            #expect(try await machine.berth("plan").out.contains("up to date"))
        }
    }

    @Test(
        "a hook that goes on and on is named, and ended by what ends the project",
        arguments: [["stop", "-t", "0"], ["down", "-t", "0"], ["kill"]]
    )
    func hangingHook(verb: [String]) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo")
            try machine.write(
                """
                services:
                  a:
                    image: box
                    init: true
                    command: sleep 1000
                    pre_start: [{command: sh -c 'echo waiting; sleep 1000'}]
                """
            )
            let hook = "\(machine.project)-a-pre_start-1"
            let up = try machine.start([TestMachine.berth, "up", "-d"])
            async let end = up.end()
            try await machine.until("the hook runs") {
                try await machine.berth("ps", "--format", "{{.Name}}").lines == [hook]
            }
            let why = try await machine.berth("why", "a")
            #expect(why.status == 2)
            #expect(why.out.contains("it waits for its pre_start hook"), "\(why.out)")
            #expect(why.out.contains(hook), "\(why.out)")
            let ended = try await machine.run([TestMachine.berth] + verb)
            #expect(ended.status == 0, "\(ended.err)")
            let failed = try await end
            #expect(failed.status == 1, "\(failed.err)")
            #expect(failed.err.contains("its hook exited with status"), "\(failed.err)")
            #expect(try await machine.berth("ps", "-q").out.isEmpty)
            guard verb != ["down", "-t", "0"] else { return }
            let after = try await machine.berth("why", "a")
            #expect(after.out.contains("its pre_start hook"), "\(after.out)")
        }
    }

    @Test("volumes_from mounts what the other has, read-only where it is so")
    func volumesFrom() async throws {
        try await TestMachine.with { machine in
            try machine.write("here\n", to: "folder/file")
            try machine.writeSleepers(
                Self.service(
                    "a",
                    "exec sleep 1000",
                    "volumes: ['/anon', 'data:/data', './folder:/folder']\n    tmpfs: /t"
                )
                    + Self.service("b", "exec sleep 1000", "volumes_from: ['a:ro']")
                    + Self.service(
                        "c",
                        "exec sleep 1000",
                        "volumes_from: [a]\n    volumes: ['own:/data']"
                    ) + "volumes: {data: {}, own: {}}\n"
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            let write = "echo x > /anon/f; echo x > /data/f"
            #expect(try await machine.berth("exec", "-T", "a", "sh", "-c", write).status == 0)
            let read = "cat /anon/f /data/f /folder/file; touch /anon/g || echo ro; ls -d /t"
            let seen = try await machine.berth("exec", "-T", "b", "sh", "-c", read)
            #expect(seen.lines == ["x", "x", "here", "ro"], "\(seen.out)\(seen.err)")
            let own = "ls /anon /data; touch /anon/g"
            let other = try await machine.berth("exec", "-T", "c", "sh", "-c", own)
            #expect(
                other.lines == ["/anon:", "f", "", "/data:"].filter { !$0.isEmpty },
                "\(other.out)"
            )
            #expect(other.status == 0)
            // The anonymous volume goes with the last one that has it.
            #expect(try await machine.berth("plan").out.contains("up to date"))
        }
    }
}
