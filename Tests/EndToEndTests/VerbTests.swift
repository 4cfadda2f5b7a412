import Foundation
import Glibc
import TestSupport
import Testing

/// docker compose's verbs on what there is, with its words and exit codes.
@Suite("root: verbs on containers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct VerbTests {
    private static let project = """
        services:
          web:
            image: base:1
            init: true
            restart: always
            command: sh -c 'exec sleep 100'
            ports: ["127.0.0.1::80", "127.0.0.1::80/udp"]
            volumes: ["data:/v", "/anonymous"]
          job: {image: base:1, command: sh -c 'exit 3'}
        volumes: {data: }
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(as: "base:1")
            try machine.write(Self.project)
            try await body(machine)
        }
    }

    private func state(_ machine: TestMachine, _ service: String) async throws -> String {
        let format = "{{.State}} {{.ExitCode}}"
        return try await machine.berth("ps", "-a", "--format", format, service).lines.first ?? ""
    }

    @Test("what has nothing to act on says so and is no error, but for port and wait")
    func nothing() async throws {
        try await with { machine in
            for (verb, words) in [
                (["kill"], "no container to kill\n"), (["pause"], ""), (["unpause"], ""),
                (["rm", "-f"], "No stopped containers\n"), (["top"], ""), (["volumes", "-q"], ""),
            ] {
                let run = try await machine.run([TestMachine.berth] + verb)
                #expect(run.status == 0 && run.out == "" && run.err == words, "\(verb): \(run.err)")
            }
            for verb in [["port", "web", "80"], ["wait", "web"]] {
                let run = try await machine.run([TestMachine.berth] + verb)
                #expect(run.status == 1 && run.out == "", "\(verb): \(run)")
            }
            for verb in ["kill", "pause", "unpause", "rm", "wait", "stats", "top", "volumes"] {
                let run = try await machine.berth(verb, "nosuch")
                #expect(run.status == 1, "\(verb)")
                #expect(run.err.contains("no such service: nosuch"), "\(verb): \(run.err)")
            }
        }
    }

    @Test("create makes everything and starts nothing; rm asks and removes what does not run")
    func createAndRemove() async throws {
        try await with { machine in
            let create = try await machine.berth("create")
            #expect(create.status == 0, "\(create.err)")
            #expect(try await state(machine, "web") == "created 0")
            let asked = try await machine.berth("rm")
            #expect(asked.status == 0)
            let names = "\(machine.project)-job-1, \(machine.project)-web-1"
            #expect(asked.out.hasPrefix("Going to remove \(names)\n"), "\(asked.out)")
            #expect(try await state(machine, "web") == "created 0")
            let one = try await machine.berth("rm", "-f", "job")
            #expect(one.out == "Going to remove \(machine.project)-job-1\n")
            #expect(one.status == 0 && one.err.contains("-job-1  Removed"), "\(one.err)")
            let up = try await machine.berth("up", "-d", "web")
            try #require(up.status == 0, "\(up.err)")
            let running = try await machine.berth("rm", "-f", "web")
            #expect(running.err == "No stopped containers\n", "\(running.err)")
            // Named ones alone, as docker compose lists them.
            #expect(try await machine.berth("volumes", "-q").lines == ["\(machine.project)_data"])
            #expect(try await machine.berth("volume", "ls", "-q").lines.count == 2)
            let stopped = try await machine.berth("rm", "-f", "-s", "-v", "web")
            #expect(stopped.status == 0 && stopped.err.contains("Stopped"), "\(stopped.err)")
            #expect(try await machine.berth("ps", "-aq").out == "")
            // The anonymous one has gone with its container, the named one has stayed.
            let volumes = try await machine.berth("volume", "ls", "-q").lines
            #expect(volumes == ["\(machine.project)_data"])
        }
    }

    @Test("kill ends for good what its restart policy would start again; other signals do not")
    func kill() async throws {
        try await with { machine in
            let up = try await machine.berth("up", "-d", "web")
            try #require(up.status == 0, "\(up.err)")
            let wrong = try await machine.berth("kill", "-s", "FOO")
            #expect(wrong.status == 1 && wrong.err == "invalid signal: FOO\n")
            let hup = try await machine.berth("kill", "-s", "HUP", "web")
            #expect(hup.status == 0 && hup.err.contains("-web-1  Killed"), "\(hup.err)")
            try await machine.until("web is started again") {
                let again = try await machine.berth("events", "--since", "1m", "--until", "0s")
                return again.lines.count { $0.contains(" start ") } == 2
            }
            let kill = try await machine.berth("kill")
            #expect(kill.status == 0, "\(kill.err)")
            #expect(try await state(machine, "web") == "exited 137")
        }
    }

    @Test("a paused container runs no more, and takes neither exec nor attach nor start")
    func pause() async throws {
        try await with { machine in
            let up = try await machine.berth("up", "-d", "web")
            try #require(up.status == 0, "\(up.err)")
            let pause = try await machine.berth("pause")
            #expect(pause.status == 0, "\(pause.err)")
            #expect(pause.err == " Container \(machine.project)-web-1  Paused\n")
            #expect(try await state(machine, "web") == "paused 0")
            #expect(try await machine.berth("ps", "--status", "paused", "-q").lines.count == 1)
            for command in [
                ["pause"], ["exec", "web", "true"], ["attach", "web"], ["start"], ["up", "-d"],
            ] {
                let run = try await machine.run([TestMachine.berth] + command)
                #expect(run.status == 1 && run.err.contains("paused"), "\(command): \(run.err)")
            }
            #expect(try await machine.berth("unpause").status == 0)
            #expect(try await machine.berth("exec", "web", "echo", "on").out == "on\n")
            let again = try await machine.berth("unpause")
            #expect(again.status == 1 && again.err.contains("it is not paused"), "\(again.err)")
            #expect(try await machine.berth("pause", "web").status == 0)
            #expect(try await machine.berth("restart", "-t", "5").status == 0)
            #expect(try await state(machine, "web") == "running 0")
            #expect(try await machine.berth("pause", "web").status == 0)
            let down = try await machine.berth("down", "-v", "-t", "5")
            #expect(down.status == 0, "\(down.err)")
        }
    }

    @Test("port, top, stats and volumes show what docker compose's do")
    func looks() async throws {
        try await with { machine in
            let up = try await machine.berth("up", "-d", "web")
            try #require(up.status == 0, "\(up.err)")
            let tcp = try await machine.berth("port", "web", "80").out
            #expect(tcp.wholeMatch(of: /127\.0\.0\.1:\d+\n/) != nil, "\(tcp)")
            let udp = try await machine.berth("port", "--protocol", "udp", "web", "80").out
            #expect(udp.wholeMatch(of: /127\.0\.0\.1:\d+\n/) != nil && udp != tcp, "\(udp)")
            let none = try await machine.berth("port", "web", "81")
            #expect(none.status == 1)
            #expect(none.err.hasPrefix("no port 81/tcp for container \(machine.project)-web-1: "))
            let top = try await machine.berth("top").lines
            let titles = ["SERVICE", "#", "UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
            #expect(top.first?.split(separator: " ").map(String.init) == titles)
            #expect(top.contains { $0.hasPrefix("web") && $0.hasSuffix("sleep 100") }, "\(top)")
            let format = "{{.Name}} {{.PIDs}}"
            let stats = try await machine.berth("stats", "--no-stream", "--format", format)
            #expect(stats.out == "\(machine.project)-web-1 2\n", "\(stats.out)\(stats.err)")
            let json = try await machine.berth("volumes", "--format", "json").lines
            #expect(json.contains { $0.contains(#""Name":"\#(machine.project)_data""#) }, "\(json)")
        }
    }

    @Test("wait prints how each ended and ends with the code; --down-project takes all down")
    func wait() async throws {
        try await with { machine in
            try machine.write(
                """
                services:
                  job: {image: base:1, command: sh -c 'read word < /f/go; exit 5', volumes: ["./f:/f"]}
                """
            )
            try machine.write("", to: "f/none")
            let fifo = machine.folder.appending(path: "f/go").path()
            try #require(mkfifo(fifo, 0o600) == 0)
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            let waiting = try machine.start([TestMachine.berth, "wait", "--down-project", "job"])
            try await machine.until("wait has asked the supervisor") {
                let folder = "/proc/\(waiting.pid)/fd"
                let files = try FileManager.default.contentsOfDirectory(atPath: folder)
                return files.contains { file in
                    // `try?`: some are closed between the two looks.
                    let target = try? FileManager.default.destinationOfSymbolicLink(
                        atPath: "\(folder)/\(file)"
                    )
                    return target?.hasPrefix("socket:") == true
                }
            }
            // Whoever opens it to write lets the container go on.
            let opened = try await machine.run(["/bin/sh", "-c", "echo go > '\(fifo)'"])
            #expect(opened.status == 0)
            let end = try await waiting.end()
            #expect(end.status == 5, "\(end)")
            #expect(end.out.hasSuffix("exited with status code 5\n"), "\(end.out)")
            #expect(try await machine.berth("ps", "-aq").out == "")
        }
    }

    @Test("wait ends with the first end of what its policy starts again")
    func waitForRestarting() async throws {
        try await with { machine in
            try machine.write(
                "services: {job: {image: base:1, command: sh -c 'exit 3', restart: always}}"
            )
            try #require(try await machine.berth("up", "-d").status == 0)
            let end = try await machine.berth("wait", "job")
            #expect(end.status == 3, "\(end)")
            try await machine.berth("down", "-t", "0")
        }
    }

    @Test("a signal that ends nothing goes to what is being stopped, which keeps its grace")
    func signalBesideStop() async throws {
        try await with { machine in
            let script = """
                trap "echo got" HUP; trap "echo asked; until [ -e /f/end ]; do sleep 0.1; done; exit 4" TERM
                echo ready; while :; do sleep 0.1; done
                """
            try machine.write(script, to: "f/script")
            try machine.write(
                """
                services:
                  web: {image: base:1, command: sh /f/script, volumes: ["./f:/f"], stop_grace_period: 60s}
                """
            )
            try #require(try await machine.berth("up", "-d").status == 0)
            func logged(_ word: String) async throws {
                try await machine.until("it has said \(word)") {
                    try await machine.berth("logs", "--no-log-prefix").lines.contains(word)
                }
            }
            try await logged("ready")
            let stop = try machine.start([TestMachine.berth, "stop"])
            try await logged("asked")
            #expect(try await machine.berth("kill", "-s", "HUP").status == 0)
            try await logged("got")
            try machine.write("", to: "f/end")
            #expect(try await stop.end().status == 0)
            #expect(try await machine.berth("ps", "-a").out.contains("Exited (4)"))
            #expect(try await machine.berth("down").status == 0)
        }
    }

    @Test("events are told as they come, of the named services alone")
    func events() async throws {
        try await with { machine in
            try #require(try await machine.berth("create").status == 0)
            let until = try await machine.run(["date", "-u", "+%s"]).lines.first ?? ""
            let end = "\((Int(until) ?? 0) + 4)"
            let watching = try machine.start(
                [TestMachine.berth, "events", "--json", "--since", "1m", "--until", end, "job"]
            )
            try #require(try await machine.berth("up", "-d").status == 0)
            let output = try await watching.end()
            #expect(output.status == 0, "\(output.err)")
            #expect(output.lines.allSatisfy { $0.contains(#""service":"job""#) })
            for action in ["create", "start", "die"] {
                #expect(output.out.contains(#"{"action":"\#(action)""#), "\(output.out)")
            }
            #expect(output.out.contains(#""exitCode":"3""#) && output.out.contains(#""base:1""#))
        }
    }
}
