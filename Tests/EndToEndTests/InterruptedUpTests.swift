import Foundation
import Testing
import TestSupport

/// An `up` that is killed, and the next one, which goes on where it was.
@Suite("root: interrupted up", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct InterruptedUpTests {
    /// Two that answer at port 80, healthy once there is a file `go-<color>-<number>` in the volume; which
    /// number one has is whose folder it could make first.
    private static func web(_ color: String, _ update: String) -> String {
        let number = "n=1; mkdir /seen/\(color)-1 2> /dev/null || n=2"
        let go = "until test -e /seen/go-\(color)-$n; do sleep 0.1; done"
        return """
            services:
              web:
                image: box
                command: [sh, -c, "\(number); \(go); exec httpd -f -p 80 -h /etc"]
                stop_signal: SIGKILL
                environment: {COLOR: \(color)}
                volumes: ["seen:/seen"]
                x-berth: {healthcheck: {tcp: 80, interval: 100ms, retries: 1000}}
                deploy: {replicas: 2, update_config: {\(update)}}
              probe: {image: box, command: sleep 1000, stop_signal: SIGKILL, volumes: ["seen:/seen"]}
            volumes: {seen: {}}
            """
            .replacing("$n", with: "$$n")
    }

    private static let startFirst = "order: start-first"
    private static let stopFirst = "order: stop-first"
    /// The old ones are there until all new ones are ready.
    private static let rollback = "order: start-first, failure_action: rollback"

    private func with(
        _ update: String,
        _ body: (TestMachine) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep test touch mkdir httpd")
            try machine.write(Self.web("red", update))
            try await succeed(machine, "up", "-d")
            try await allow("red-1", machine)
            try await allow("red-2", machine)
            try await machine.until("both are healthy") {
                try await machine.berth("ps", "web").lines.filter { $0.contains("(healthy)") }
                    .count == 2
            }
            try await body(machine)
        }
    }

    private func allow(_ name: String, _ machine: TestMachine) async throws {
        try await succeed(machine, "exec", "-T", "probe", "touch", "/seen/go-\(name)")
    }

    private func succeed(_ machine: TestMachine, _ words: String...) async throws {
        let run = try await machine.run([TestMachine.berth] + words)
        try #require(run.status == 0, "\(words): \(run.err)")
    }

    /// Name and state of each container of the service, by name.
    private func states(_ machine: TestMachine) async throws -> [String] {
        try await machine.berth("ps", "-a", "--format", "{{.Name}} {{.State}} {{.Health}}", "web")
            .lines.sorted()
    }

    private func identifiers(_ machine: TestMachine) async throws -> [String] {
        try await machine.berth("ps", "-aq", "--no-trunc", "web").lines
    }

    /// Starts an update, and kills it when it has come so far.
    private func kill(
        _ machine: TestMachine,
        when what: String,
        _ condition: () async throws -> Bool
    ) async throws {
        let up = try machine.start([TestMachine.berth, "up", "-d"])
        async let end = up.end()
        try await machine.until(what, condition)
        try up.signal(SIGKILL)
        _ = try await end
    }

    @Test("start first: killed twice, it goes on with what it made, and nobody misses an answer")
    func startFirst() async throws {
        try await with(Self.startFirst) { machine in
            let old = Set(try await identifiers(machine))
            var first: String?
            try await machine.whileAsked {
                try machine.write(Self.web("blue", Self.startFirst))
                try await kill(machine, when: "the first new one runs") {
                    try await states(machine).contains {
                        $0.contains("_") && $0.contains("running")
                    }
                }
                first = try await identifiers(machine).first { !old.contains($0) }
                let plan = try await machine.berth("plan")
                #expect(plan.out.contains("goes on with an update"), "\(plan.out)\(plan.err)")
                try await allow("blue-1", machine)
                try await kill(machine, when: "the second new one runs") {
                    try await states(machine).contains {
                        $0.contains("-web-2 running") && $0.contains("_")
                    }
                }
                try await allow("blue-2", machine)
                try await succeed(machine, "up", "-d")
            }
            let new = try await identifiers(machine)
            #expect(new.contains(try #require(first)))
            #expect(old.isDisjoint(with: new))
            let expected = (1...2).map { "\(machine.project)-web-\($0) running healthy" }
            #expect(try await states(machine) == expected)
            #expect(try await machine.berth("plan").out.contains("nothing to do"))
        }
    }

    @Test("stop first: it goes on with the new one, and returns when that is healthy")
    func stopFirst() async throws {
        try await with(Self.stopFirst) { machine in
            try machine.write(Self.web("blue", Self.stopFirst))
            try await kill(machine, when: "the new one runs, the old one does not") {
                let states = try await states(machine)
                return states.contains { $0.contains("_") && $0.contains("running") }
                    && states.contains { $0.hasPrefix("\(machine.project)-web-1 exited") }
            }
            let started = try await identifiers(machine)
            let up = try machine.start([TestMachine.berth, "up", "-d"])
            async let ended = up.end()
            try await allow("blue-1", machine)
            try await allow("blue-2", machine)
            #expect(try await ended.status == 0)
            let expected = (1...2).map { "\(machine.project)-web-\($0) running healthy" }
            #expect(try await states(machine) == expected)
            let kept = Set(started).intersection(try await identifiers(machine))
            #expect(kept.count == 1)
        }
    }

    @Test(
        "changed after a kill: nobody misses an answer, and what is wanted again is kept",
        arguments: ["red", "green"]
    )
    func changed(color: String) async throws {
        try await with(Self.rollback) { machine in
            let old = Set(try await identifiers(machine))
            try await allow("green-1", machine)
            try await allow("green-2", machine)
            try await machine.whileAsked {
                try machine.write(Self.web("blue", Self.rollback))
                try await allow("blue-1", machine)
                try await kill(machine, when: "the second new one runs") {
                    try await states(machine).contains {
                        $0.contains("-web-2 running") && $0.contains("_")
                    }
                }
                try machine.write(Self.web(color, Self.rollback))
                try await succeed(machine, "up", "-d")
            }
            let kept = old.intersection(try await identifiers(machine))
            #expect(kept.count == (color == "red" ? 2 : 0))
            let expected = (1...2).map { "\(machine.project)-web-\($0) running healthy" }
            #expect(try await states(machine) == expected)
        }
    }

    @Test("a job that a killed up has started is waited for by the next one")
    func job() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep test touch rm")
            try machine.write(
                """
                services:
                  job:
                    image: box
                    command: [sh, -c, "until test -e /seen/go; do sleep 0.1; done"]
                    stop_signal: SIGKILL
                    volumes: ["seen:/seen"]
                  web:
                    image: box
                    command: sleep 1000
                    stop_signal: SIGKILL
                    volumes: ["seen:/seen"]
                    depends_on: {job: {condition: service_completed_successfully}}
                volumes: {seen: {}}
                """
            )
            let first = try machine.start([TestMachine.berth, "up", "-d"])
            async let firstEnd = first.end()
            try await machine.until("the job runs") { try await runs("job", machine) }
            try await succeed(machine, "exec", "-T", "job", "touch", "/seen/go")
            #expect(try await firstEnd.status == 0)
            try await succeed(machine, "exec", "-T", "web", "rm", "/seen/go")
            try await kill(machine, when: "the job runs again") { try await runs("job", machine) }
            let again = try machine.start(
                ["/bin/sh", "-c", "exec \"$0\" up -d 2> told", TestMachine.berth]
            )
            async let end = again.end()
            let told = machine.folder.appending(path: "told")
            try await machine.until("it waits for the job") {
                let text = try? String(contentsOf: told, encoding: .utf8)
                return text?.contains("job-1  Waiting") == true
            }
            #expect(try await runs("job", machine))
            try await succeed(machine, "exec", "-T", "web", "touch", "/seen/go")
            #expect(try await end.status == 0)
            let state = try await machine.berth(
                "ps",
                "-a",
                "--format",
                "{{.State}} {{.ExitCode}}",
                "job"
            )
            #expect(state.lines == ["exited 0"])
        }
    }

    private func runs(_ service: String, _ machine: TestMachine) async throws -> Bool {
        try await machine.berth("ps", "--format", "{{.State}}", service).lines == ["running"]
    }
}
