import Foundation
import TestSupport
import Testing

/// Docker's listings and inspections of containers, and what a container changed.
@Suite(
    "root: looking with docker's words",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(4))
)
struct LooksTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat ls mkdir echo rm")
            try machine.write(
                """
                services:
                  web:
                    image: box
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                    expose: ["8000"]
                    volumes: ["data:/data"]
                    labels: {tier: front}
                  done: {image: box, command: [sh, -c, "exit 3"], network_mode: none}
                volumes: {data: {}}
                """
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            try await machine.until("done has ended") {
                try await machine.berth("ps", "-aq", "--status", "exited").lines.count == 1
            }
            try await body(machine)
        }
    }

    @Test("ps shows what runs on the machine, and filters choose")
    func listing() async throws {
        try await with { machine in
            let (web, done) = ("\(machine.project)-web-1", "\(machine.project)-done-1")
            func names(_ words: String...) async throws -> [String] {
                let run = try await machine.run(
                    [Products.path("berth"), "docker", "ps", "--format", "{{.Names}}"] + words
                )
                #expect(run.status == 0, "\(words): \(run.err)")
                return run.lines
            }
            #expect(try await names() == [web])
            #expect(Set(try await names("-a")) == [web, done])
            for (filter, found) in [
                ("status=exited", [done]), ("exited=3", [done]), ("exited=4", []),
                ("name=^/?\(web)$", [web]), ("name=nothing", []), ("label=tier=front", [web]),
                ("label=tier=back", []), ("ancestor=box", [done, web]), ("ancestor=other", []),
                ("volume=\(machine.project)_data", [web]), ("volume=/data", [web]),
                ("network=\(machine.project)_default", [web]), ("network=none", [done]),
                ("expose=8000", [web]), ("expose=7000-7999", []), ("publish=8000", []),
                ("health=none", [done, web]), ("is-task=true", []),
            ] {
                #expect(try await names("-a", "-f", filter).sorted() == found.sorted(), "\(filter)")
            }
            let table = try await machine.docker("ps", "-as")
            #expect(table.lines[0].hasPrefix("CONTAINER ID   IMAGE     COMMAND"))
            #expect(table.lines[0].hasSuffix("SIZE"))
            #expect(table.out.contains("Exited (3)") && table.out.contains("(virtual "))
            #expect(try await machine.docker("ps", "-lq").lines.count == 1)
            for (filter, words) in [
                ("foo=x", "Error response from daemon: invalid filter 'foo'"),
                ("status=foo", "invalid value for state (foo): must be one of created, running"),
                ("exited=x", "invalid filter 'exited=x': strconv.Atoi"),
                ("before=nosuch", "No such container: nosuch"),
            ] {
                let run = try await machine.docker("ps", "-f", filter)
                #expect(run.status == 1 && run.err.contains(words), "\(filter): \(run.err)")
            }
        }
    }

    @Test("inspect looks for containers, images, networks and volumes in turn")
    func inspecting() async throws {
        try await with { machine in
            let web = "\(machine.project)-web-1"
            for (name, form, found) in [
                (web, "{{.State.Status}} {{.Path}}", "running sleep"), ("box", "{{.Os}}", "linux"),
                ("\(machine.project)_default", "{{.Driver}}", "bridge"),
                ("\(machine.project)_data", "{{.Scope}}", "local"), ("none", "{{.Driver}}", "null"),
            ] {
                let run = try await machine.docker("inspect", "-f", form, name)
                #expect(run.out == found + "\n", "\(name): \(run.err)")
            }
            let sizes = try await machine.docker("inspect", "-s", "-f", "{{.SizeRootFs}}", web)
            #expect(Int(sizes.lines.first ?? "") ?? 0 > 0, "\(sizes.err)")
            let engine = "Error response from daemon: "
            for (words, text) in [
                (["inspect", "nosuch"], "Error: No such object: nosuch"),
                (["inspect", "--type", "volume", "box"], "\(engine)get box: no such volume"),
                (["inspect", "--type", "what", "box"], "unknown type: \"what\""),
                (["container", "inspect", "x"], "\(engine)No such container: x"),
                (["network", "inspect", "x"], "\(engine)network x not found"),
                (["volume", "inspect", "x"], "\(engine)get x: no such volume"),
            ] {
                let run = try await machine.run([Products.path("berth"), "docker"] + words)
                #expect(run.status == 1 && run.err.contains(text), "\(words): \(run.err)")
            }
        }
    }

    @Test("diff lists what was added, changed and deleted")
    func changes() async throws {
        try await with { machine in
            try await machine.berth(
                "exec",
                "-T",
                "web",
                "sh",
                "-c",
                "echo x > /etc/new; mkdir /fresh; rm /bin/echo"
            )
            let run = try await machine.docker("diff", "\(machine.project)-web-1")
            for line in ["A /etc/new", "A /fresh", "C /bin", "C /etc", "D /bin/echo"] {
                #expect(run.lines.contains(line), "\(line): \(run.out)\(run.err)")
            }
            #expect(!run.out.contains("/data/"))
        }
    }

    @Test("info, version and events know the machine")
    func machine() async throws {
        try await with { machine in
            let info = try await machine.docker(
                "info",
                "-f",
                "{{.Containers}} {{.ContainersRunning}} {{.Images}}"
            )
            #expect(info.out == "2 1 1\n", "\(info.err)")
            #expect(try await machine.docker("info").out.contains("\n  Running: 1\n"))
            let version = try await machine.docker("version", "-f", "{{.Server.Version}}")
            #expect(version.status == 0 && version.lines.count == 1, "\(version.err)")
            let wrong = try await machine.docker("version", "-f", "{{")
            #expect(wrong.status == 64, "\(wrong.err)")
            let events = try await machine.docker(
                "events",
                "--since",
                "1h",
                "--until",
                "0s",
                "-f",
                "type=container",
                "--format",
                "{{.Action}} {{.Actor.Attributes.name}} {{.From}}"
            )
            #expect(events.lines.contains("start \(machine.project)-web-1 box"), "\(events.err)")
            let network = try await machine.docker(
                "events",
                "--since",
                "1h",
                "--until",
                "0s",
                "-f",
                "event=create",
                "-f",
                "network=\(machine.project)_default"
            )
            #expect(network.lines.count == 1, "\(network.out)\(network.err)")
            #expect(network.out.contains(" network create "), "\(network.out)")
        }
    }
}
