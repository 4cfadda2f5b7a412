import Foundation
import Glibc
import Testing
import TestSupport

/// Ctrl-C in commands that show no logs: what was under way is ended and cleared away.
@Suite("root: an interruption", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct InterruptionEndToEndTests {

    private func with(_ project: String, _ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo test")
            try machine.write(project)
            try await body(machine)
        }
    }

    /// Names in a folder below the machine's; none when there is no such folder.
    private func names(_ path: String, _ machine: TestMachine) -> [String] {
        let folder = machine.folder.appending(path: path).path()
        return (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    /// Nothing of a build or a project is there.
    private func expectNothingLeft(_ machine: TestMachine) {
        #expect(names("root/build/tmp", machine) == [])
        #expect(names("run/builds", machine) == [])
        #expect(names("root/locks", machine).contains(machine.project) == false)
        #expect(names("run/projects", machine) == [])
    }

    @Test(
        "ends a build and leaves nothing of it",
        arguments: [
            (["up", "-d"], SIGINT), (["build"], SIGINT), (["up"], SIGINT), (["build"], SIGTERM),
            (["build"], SIGHUP), (["up", "-d"], SIGHUP),
        ]
    )
    func build(verb: [String], signal: Int32) async throws {
        let project = """
            services:
              slow:
                build: {dockerfile_inline: "FROM box\\nRUN echo begun; exec sleep 100\\n"}
            """
        try await with(project) { machine in
            let run = try machine.start([TestMachine.berth] + verb)
            async let end = run.end()
            // The step has its folder, and its program the log there.
            try await machine.until("the step runs") {
                names("root/build/tmp", machine).contains { build in
                    names("root/build/tmp/\(build)", machine).contains { step in
                        names("root/build/tmp/\(build)/\(step)", machine).contains("state")
                    }
                }
            }
            try run.signal(signal)
            let output = try await end
            #expect(output.status == 130, "\(output.err)")
            #expect(output.err.contains("stopping"), "\(output.err)")
            if verb != ["up"] {
                let words = "stopping: Service slow (Building); Ctrl-C again leaves at once"
                #expect(output.err.contains(words), "\(output.err)")
            }
            #expect(output.err.contains("Service slow  Interrupted"), "\(output.err)")
            expectNothingLeft(machine)
        }
    }

    @Test("up -d that waits for health is told what it waited for; what runs goes on")
    func waiting() async throws {
        let project = """
            services:
              a: {image: box, init: true, command: sleep 100, healthcheck: {test: "false"}}
              b:
                image: box
                init: true
                command: sleep 100
                depends_on: {a: {condition: service_healthy}}
            """
        try await with(project) { machine in
            let run = try machine.start([TestMachine.berth, "up", "-d"])
            async let end = run.end()
            try await machine.until("a runs") {
                try await machine.berth("ps", "-q", "a").lines.count == 1
            }
            try run.signal(SIGTERM)
            let output = try await end
            #expect(output.status == 130, "\(output.err)")
            let waited = "stopping: Container \(machine.project)-a-1 (Waiting)"
            #expect(output.err.contains(waited), "\(output.err)")
            #expect(try await machine.berth("ps", "--services").lines == ["a"])

            let late = try await machine.berth("up", "--wait", "--wait-timeout", "1", "a")
            #expect(late.status == 1)
            let words = "not ready within 1 second: Container \(machine.project)-a-1 is not ready"
            #expect(late.err.contains(words), "\(late.err)")
        }
    }

    @Test("Ctrl-C during an attached up leaves none running of those that are being started")
    func starting() async throws {
        let services = (1...8).map {
            "  s\($0): {image: box, init: true, command: sleep 100, stop_grace_period: 0s}"
        }
        try await with("services:\n" + services.joined(separator: "\n")) { machine in
            for number in 1...4 {
                let run = try machine.start([TestMachine.berth, "up", "--force-recreate"])
                async let end = run.end()
                try await machine.until("some of them are being started") {
                    try await machine.berth("ps", "-q").lines.count >= number
                }
                try run.signal(SIGINT)
                let output = try await end
                #expect(output.status == 130, "\(output.err)")
                #expect(try await machine.berth("ps", "-q").out == "", "\(output.err)")
            }
        }
    }
}
