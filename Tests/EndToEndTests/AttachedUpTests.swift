import Foundation
import Glibc
import TestSupport
import TestTerminal
import Testing

/// What an attached `up` and `logs` show of containers that come and go.
@Suite("root: attached up", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct AttachedUpTests {
    private static let project = """
        services:
          a:
            image: box
            init: true
            environment: {X: "${X:-}"}
            command:
              - sh
              - -c
              - |
                trap 'echo last $$X; exit 0' TERM
                echo first $$X; echo an error of $$X >&2
                while :; do sleep 0.1; done
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox()
            try machine.write(Self.project)
            try await body(machine)
        }
    }

    private func up(_ x: String, _ machine: TestMachine) async throws {
        let up = try await machine.run([TestMachine.berth, "up", "-d"], environment: ["X": x])
        try #require(up.status == 0, "\(up.err)")
        try await hasSaid("first \(x)", machine)
    }

    private func hasSaid(_ words: String, _ machine: TestMachine) async throws {
        try await machine.until(words) {
            try await machine.berth("logs").out.contains(words)
        }
    }

    @Test("nothing is shown of the run that it replaces")
    func replaced() async throws {
        try await with { machine in
            try await up("1", machine)
            let run = try machine.start([TestMachine.berth, "up"], environment: ["X": "2"])
            async let end = run.end()
            try await hasSaid("first 2", machine)
            try run.signal(SIGINT)
            let output = try await end
            #expect(output.status == 130)
            #expect(
                output.lines == ["a-1  | first 2", "a-1  | last 2", "a-1 exited with code 0"]
            )
            #expect(output.err.contains("a-1  | an error of 2"))
            #expect(!output.err.contains("of 1"), "\(output.err)")
        }
    }

    @Test("every line is shown, however fast the log is rotated")
    func rotated() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox()
            let count = 5000
            try machine.write(
                """
                x-command: &command ["sh", "-c", "i=0; while [ $$i -lt \(count) ]; do echo $$((i+=1)); done"]
                services:
                  a:
                    image: box
                    command: *command
                    logging: {driver: local, options: {max-size: 5k, max-file: "2"}}
                  b:
                    image: box
                    command: *command
                    logging: {options: {max-size: 5k, max-file: "1"}}
                """
            )
            let up = try await machine.berth("up", "--no-color")
            #expect(up.status == 0, "\(up.err)")
            for name in ["a-1", "b-1"] {
                let lines = up.lines.filter { $0.hasPrefix("\(name)  | ") }
                let isWhole = lines == (1...count).map { "\(name)  | \($0)" }
                #expect(isWhole, "\(lines.count) of \(count) lines of \(name)")
            }
        }
    }

    @Test("goes on with the container that another command puts in its place")
    func goesOn() async throws {
        try await with { machine in
            try await up("1", machine)
            let run = try TerminalProgram(
                [TestMachine.berth, "up"],
                on: machine,
                columns: 80,
                rows: 40,
                environment: ["X": "1"]
            )
            try await run.until("it is attached") { terminal in
                terminal.lines.contains { $0.hasPrefix("[+]") && $0.hasSuffix("1/1") }
            }
            try await up("2", machine)
            try await machine.berth("restart")
            try await machine.until("the second run of it") {
                let lines = try await machine.berth("logs", "--no-log-prefix").lines
                return lines.filter { $0 == "first 2" }.count == 2
            }
            try await run.type("\u{3}")
            #expect(try await run.end() == 130)
            #expect(
                run.terminal.lines.filter { $0.hasPrefix("a-1") && !$0.contains("error") } == [
                    "a-1  | last 1", "a-1 exited with code 0", "a-1  | first 2", "a-1  | last 2",
                    "a-1 exited with code 0 (restarting)", "a-1  | first 2", "a-1  | last 2",
                    "a-1 exited with code 0",
                ],
                "\(run.text)"
            )
        }
    }

    @Test("logs -f says how each run ended, behind its last line", arguments: [true, false])
    func ends(hasPrefix: Bool) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo")
            try machine.write(
                """
                services:
                  a:
                    image: box
                    command: sh -c 'echo first; while ! [ -e /v/go ]; do sleep 0.1; done; echo last; exit 3'
                    restart: on-failure:1
                    volumes: [".:/v"]
                  old: {image: box, command: sh -c 'echo old'}
                """
            )
            try #require(try await machine.berth("up", "-d").status == 0)
            try await machine.until("the end of another") {
                try await machine.berth("ps", "-q", "old").out.isEmpty
            }
            let flags = hasPrefix ? [] : ["--no-log-prefix"]
            let logs = try machine.start([TestMachine.berth, "logs", "-f"] + flags)
            let start = try await logs.firstOutput()
            try machine.write("", to: "go")
            let output = try await logs.end()
            #expect(output.status == 0 && output.err.isEmpty)
            let lines = (start + output.out).split(separator: "\n").map(String.init)
            let bar = hasPrefix ? "a-1    | " : ""
            let notes = ["a-1 exited with code 3 (restarting)", "a-1 exited with code 3"]
            #expect(lines.filter { $0.contains("exited") } == notes, "\(lines)")
            #expect(lines.last == notes[1] && lines.dropLast().last == bar + "last", "\(lines)")
            let first = try #require(lines.firstIndex(of: bar + "last"))
            #expect(try #require(lines.firstIndex(of: notes[0])) > first)
        }
    }

    @Test("logs is one stream: what programs wrote to stderr is on stdout, too")
    func oneStream() async throws {
        try await with { machine in
            try await up("1", machine)
            let logs = try await machine.berth("logs")
            #expect(Set(logs.lines) == ["a-1  | first 1", "a-1  | an error of 1"])
            #expect(logs.err == "")
        }
    }
}
