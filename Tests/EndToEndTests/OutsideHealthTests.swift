import Foundation
import Testing
import TestSupport

/// `x-berth`: containers whose health is asked for from outside, and what follows.
@Suite("root: health from outside", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct OutsideHealthTests {
    private func with(_ project: String, _ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo httpd nc mkdir rm test touch")
            try machine.write(project)
            try await body(machine)
        }
    }

    private func states(_ machine: TestMachine) async throws -> [String: String] {
        let rows = try await machine.berth("ps", "-a", "--format", "{{.Service}} {{.Status}}").lines
        var states: [String: String] = [:]
        for row in rows {
            let words = row.split(separator: " ", maxSplits: 1).map(String.init)
            states[words[0]] = words.last
        }
        return states
    }

    @Test("http, tcp and log probes say who is healthy, whatever network it has")
    func probes() async throws {
        let page =
            "mkdir /www; echo hello > /www/index.html; exec httpd -f -p 127.0.0.1:8080 -h /www"
        let project = """
            x-check: &check {interval: 1s, retries: 1, start_period: 30s, start_interval: 100ms}
            services:
              page:
                image: box
                command: [sh, -c, "\(page)"]
                network_mode: none
                x-berth: {healthcheck: {<<: *check, http: "http://localhost:8080/"}}
              port:
                image: box
                command: [sh, -c, "while :; do nc -l -p 5432; done"]
                x-berth: {healthcheck: {<<: *check, tcp: 5432}}
              words:
                image: box
                command: [sh, -c, "echo waking; sleep 0.3; echo ready to accept; exec sleep 1000"]
                x-berth: {healthcheck: {<<: *check, log: "ready to (accept|serve)"}}
            """
        try await with(project) { machine in
            let up = try await machine.berth("up", "-d", "--wait", "-t", "0")
            #expect(up.status == 0, "\(up.err)")
            let states = try await states(machine)
            for service in ["page", "port", "words"] {
                #expect(states[service]?.contains("(healthy)") == true, "\(states)")
            }
            let format = "{{json .State.Health.Log}}"
            let name = "\(machine.project)-words-1"
            let log = try await machine.docker("inspect", "-f", format, name)
            #expect(log.out.contains("ready to accept"), "\(log.out)\(log.err)")
            #expect(try await machine.berth("down", "-t", "0").status == 0)
        }
    }

    @Test("what does not answer is unhealthy, and says what was answered")
    func failures() async throws {
        let project = """
            x-check: &check {interval: 100ms, retries: 2}
            services:
              page:
                image: box
                command: [sh, -c, "mkdir /www; exec httpd -f -p 8080 -h /www"]
                x-berth: {healthcheck: {<<: *check, http: "http://localhost:8080/gone"}}
              port:
                image: box
                command: [sleep, "1000"]
                x-berth: {healthcheck: {<<: *check, tcp: "127.0.0.1:5432"}}
              words:
                image: box
                command: [sh, -c, "echo waking; exec sleep 1000"]
                x-berth: {healthcheck: {<<: *check, log: "^ready"}}
            """
        try await with(project) { machine in
            #expect(try await machine.berth("up", "-d").status == 0)
            let said = [
                "page": "HTTP/1.1 404", "port": "Connection refused",
                "words": "no line of its log is matched by ^ready",
            ]
            for (service, words) in said {
                try await machine.until("\(service) is unhealthy") {
                    try await states(machine)[service]?.contains("(unhealthy)") == true
                }
                let why = try await machine.berth("why", service)
                #expect(why.status == 2)
                #expect(why.out.contains(words), "\(why.out)")
            }
            #expect(try await machine.berth("down", "-t", "0").status == 0)
        }
    }

    @Test("on_unhealthy: stop ends it for good, restart starts it again, and why says so")
    func actions() async throws {
        func service(_ name: String, _ command: String, _ action: String) -> String {
            """
              \(name):
                image: box
                init: true
                restart: always
                command: [sh, -c, "\(command)"]
                volumes: [seen:/seen]
                x-berth:
                  healthcheck: {tcp: 5432, interval: 100ms, retries: 2}
                  on_unhealthy: \(action)

            """
        }
        // The second run of it is a good one.
        let mended =
            "test -e /seen/once && while :; do nc -l -p 5432; done; touch /seen/once; sleep 1000"
        let project =
            "services:\n" + service("ended", "sleep 1000", "stop")
            + service("mended", mended, "restart") + "volumes: {seen: {}}\n"
        try await with(project) { machine in
            #expect(try await machine.berth("up", "-d").status == 0)
            try await machine.until("one is stopped, the other is healthy") {
                let states = try await states(machine)
                return states["ended"]?.hasPrefix("Exited") == true
                    && states["mended"]?.contains("(healthy)") == true
            }
            let ended = try await machine.berth("why", "ended")
            #expect(ended.status == 2)
            #expect(ended.out.contains("x-berth.on_unhealthy says stop"), "\(ended.out)")
            #expect(ended.out.contains("Connection refused"), "\(ended.out)")
            let mended = try await machine.berth("why", "mended")
            #expect(mended.status == 0)
            #expect(mended.out.contains("it was restarted"), "\(mended.out)")
            #expect(mended.out.contains("failed 2 times in a row"), "\(mended.out)")
            #expect(try await machine.berth("down", "-v", "-t", "0").status == 0)
        }
    }
}
