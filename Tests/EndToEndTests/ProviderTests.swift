import Foundation
import TestSupport
import Testing

/// A program that provides a service, and docker's for models, as scripts that write down how they
/// were called.
@Suite("root: providers", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct ProviderTests {
    private func script(_ text: String, _ name: String, _ machine: TestMachine) async throws {
        try machine.write(
            "#!/bin/sh\necho \"$@\" >> \(machine.folder.path())/calls\n\(text)",
            to: "bin/\(name)"
        )
        try await machine.run(["chmod", "+x", "bin/\(name)"])
    }

    private func calls(_ machine: TestMachine) throws -> [String] {
        try String(contentsOf: machine.folder.appending(path: "calls"), encoding: .utf8)
            .split(separator: "\n").map(String.init)
    }

    private func path(_ machine: TestMachine) -> [String: String] {
        ["PATH": "\(machine.folder.path())/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    }

    @Test("a provider is asked by up, stop and down, and its variables reach what depends on it")
    func provider() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo")
            try machine.write(
                """
                services:
                  web:
                    image: box
                    init: true
                    command: sh -c 'echo $$DB_URL $$TOKEN; sleep 1000'
                    depends_on: [db]
                  db: {provider: {type: cloud, options: {size: 3}}}
                """
            )
            // As docker compose, which takes it for a service without containers.
            let names = try await machine.berth("config", "-q", "--services")
            #expect(names.lines == ["db", "web"], "\(names.err)")
            let hashes = try await machine.berth("config", "--hash", "*")
            #expect(hashes.lines.map { $0.prefix(3) } == ["db ", "web"], "\(hashes.err)")
            for verb in ["logs", "restart", "ps", "images", "kill", "pause", "top"] {
                let looked = try await machine.berth(verb, "db")
                #expect(looked.status == 0, "\(verb): \(looked.err)")
            }
            #expect(try await machine.berth("start", "db").status == 1)
            #expect(try await machine.berth("graph").out.contains("db"))
            let missing = try await machine.berth("up", "-d")
            #expect(missing.status == 1)
            #expect(
                missing.err.contains("there is no program docker-cloud, compose-cloud or cloud"),
                "\(missing.err)"
            )
            try await script(
                """
                case $2 in metadata) exit 1;; esac
                echo '{"type":"info","message":"working"}'
                echo '{"type":"setenv","message":"URL=http://db?a=b"}'
                echo '{"type":"rawsetenv","message":"TOKEN=secret"}'
                """,
                "docker-cloud",
                machine
            )
            let up = try await machine.berth("up", "-d", environment: path(machine))
            #expect(up.status == 0, "\(up.err)")
            #expect(up.err.contains("Service db  Created"), "\(up.err)")
            try await machine.until("its words") {
                try await machine.berth("logs", "--no-log-prefix").out
                    == "http://db?a=b secret\n"
            }
            let id = try await machine.berth("ps", "-q").out
            #expect(try await machine.berth("up", "-d", environment: path(machine)).status == 0)
            #expect(try await machine.berth("ps", "-q").out == id)
            #expect(try await machine.berth("down", "-t0", environment: path(machine)).status == 0)
            let start = "compose --project-name=\(machine.project)"
            let asked = try calls(machine).filter { $0 != "compose metadata" }
            #expect(
                asked == ["up", "up", "down"].map { "\(start) \($0) --size=3 db" }
            )
            try await script(
                "case $2 in metadata) exit 1;; esac\necho '{\"type\":\"error\",\"message\":\"no luck\"}'",
                "docker-cloud",
                machine
            )
            let failed = try await machine.berth("up", "-d", environment: path(machine))
            #expect(
                failed.status == 1 && failed.err.contains("service db: no luck"),
                "\(failed.err)"
            )
            try machine.write("services: {}")
        }
    }
}
