import Foundation
import Linux
import TestSupport
import TestTerminal
import Testing

/// Commands as a person sees them: on a terminal, whose screen is looked at when they are done.
@Suite("root: the terminal", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct TerminalTests {
    /// `a` talks all the time while `c` waits until `b` is healthy; `a` has last words.
    private static let project = """
        services:
          a:
            image: box
            command:
              - sh
              - -c
              - |
                trap 'echo last words of a; echo and an error >&2; exit 3' TERM
                i=0
                while [ $$i -lt 40 ]; do echo line $$i; i=$$((i+1)); usleep 20000; done
                echo "a has said all"
                while :; do sleep 0.1; done
          b:
            image: box
            command: sleep 100
            init: true
            healthcheck: {test: "test -f /x || { touch /x; sleep 0.6; }", interval: 1s, start_interval: 100ms, start_period: 30s}
          c:
            image: box
            command: sh -c 'echo c up; exec sleep 100'
            init: true
            depends_on: {b: {condition: service_healthy}}
        """

    /// A machine with an image and a compose file.
    private func with(
        _ project: String = Self.project,
        _ body: (TestMachine) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try machine.write(project)
            let script = """
                set -e
                mkdir -p base/bin base/tmp
                cp "$(command -v busybox)" base/bin/busybox
                for word in sh sleep usleep echo touch test printf seq; do
                    ln -sf busybox base/bin/$word
                done
                tar -C base -c . | "$0" image import - box
                """
            let made = try await machine.run(["/bin/sh", "-c", script, Self.berth])
            try #require(made.status == 0, "\(made.err)")
            try await body(machine)
        }
    }

    private static let berth = TestMachine.berth

    /// Lines without what changes: padding, times, spinners.
    private func count(_ line: String, in terminal: EmulatedTerminal) -> Int {
        terminal.lines.filter { $0 == line }.count
    }

    /// Nothing is left over of blocks that were drawn over: every heading is the last of its block,
    /// and what is done stands there once.
    private func expectNoStaleBlocks(_ terminal: EmulatedTerminal, blocks: Int) {
        let headings = terminal.lines.filter { $0.hasPrefix("[+]") }
        let text = terminal.lines.joined(separator: "\n")
        #expect(headings.count == blocks, "\(text)")
        for heading in headings {
            let numbers = heading.split(separator: " ").last?.split(separator: "/") ?? []
            #expect(numbers.count == 2 && numbers[0] == numbers[1], "\(text)")
        }
        let spinners = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
        #expect(!terminal.lines.contains { $0.contains { spinners.contains($0) } }, "\(text)")
        #expect(terminal.isCursorVisible)
        #expect(terminal.unknown.isEmpty)
    }

    @Test(
        "attached up keeps every log line, survives a resize and shows last words after Ctrl-C",
        arguments: [(40, 80), (80, 40), (200, 80)]
    )
    func attached(columns: Int, later: Int) async throws {
        try await with { machine in
            let up = try TerminalProgram(
                [Self.berth, "up"],
                on: machine,
                columns: columns,
                rows: 24
            )
            try await up.until("logs while b is waited for") { terminal in
                terminal.lines.contains("a-1  | line 5")
            }
            try up.resize(columns: later, rows: 20)
            try await up.until("everything is up") { terminal in
                terminal.lines.contains("c-1  | c up")
                    && terminal.lines.contains("a-1  | a has said all")
                    && terminal.lines.contains { $0.hasPrefix("[+] Running 4/4") }
            }
            for number in 0..<40 {
                let line = "a-1  | line \(number)"
                #expect(count(line, in: up.terminal) == 1, "\(line)\n\(up.text)")
            }
            expectNoStaleBlocks(up.terminal, blocks: 1)
            try await up.type("\u{3}")
            #expect(try await up.end() == 130)
            let lines = up.terminal.lines
            for line in [
                "a-1  | last words of a", "a-1  | and an error", "a-1 exited with code 3",
                "a-1  | a has said all", "c-1  | c up",
            ] {
                #expect(count(line, in: up.terminal) == 1, "\(line)\n\(up.text)")
            }
            // The end is told after the last words.
            let end = try #require(lines.firstIndex(of: "a-1 exited with code 3"))
            #expect(try #require(lines.firstIndex(of: "a-1  | last words of a")) < end)
            #expect(!up.text.contains("^C"), "\(up.text)")
            expectNoStaleBlocks(up.terminal, blocks: 2)
        }
    }

    @Test("up ends by itself when all programs have, and tells their ends apart from their words")
    func endsByItself() async throws {
        let project = """
            services:
              liar:
                image: box
                command: sh -c 'echo exited with code 7; printf "no newline"; exit 1'
            """
        try await with(project) { machine in
            let up = try TerminalProgram([Self.berth, "up"], on: machine, columns: 80, rows: 24)
            #expect(try await up.end() == 0)
            let words = up.terminal.lines.filter { $0.hasPrefix("liar-1") }
            #expect(
                words == [
                    "liar-1  | exited with code 7", "liar-1  | no newline",
                    "liar-1 exited with code 1",
                ]
            )
            expectNoStaleBlocks(up.terminal, blocks: 1)
        }
    }

    @Test("long, wide and hostile lines are each there once", arguments: [1, 40, 80, 200])
    func lines(columns: Int) async throws {
        let long = String(repeating: "0123456789", count: 30)
        let project = """
            services:
              a:
                image: box
                command:
                  - sh
                  - -c
                  - |
                    sleep 0.2; echo \(long); echo "日本語 🎉"; printf 'tab\\there\\n'
                    printf '\\033[31mred\\n'; printf '\\033[2Jcleared\\n'; echo end
                    sleep 1.2
              b:
                image: box
                command: sleep 1
                healthcheck: {test: "sleep 0.3", interval: 1s, start_interval: 100ms, start_period: 30s}
              c: {image: box, command: "true", depends_on: {b: {condition: service_healthy}}}
            """
        try await with(project.replacing("\"true\"", with: "sleep 0.1")) { machine in
            let up = try TerminalProgram(
                [Self.berth, "up"],
                on: machine,
                columns: columns,
                rows: 12
            )
            _ = try await up.end()
            guard columns > 1 else {
                // No room for a picture: the lines alone, whatever they are broken into.
                #expect(up.text.contains("0123456789") && !up.text.contains("[+]"), "\(up.text)")
                return
            }
            for line in [long, "日本語 🎉", "red", "\\e[2Jcleared", "end"] {
                #expect(count("a-1  | \(line)", in: up.terminal) == 1, "\(line)\n\(up.text)")
            }
            expectNoStaleBlocks(up.terminal, blocks: 1)
        }
    }

    @Test(
        "streams that go elsewhere get the lines alone",
        arguments: [
            ("up 2>other", "a-1  | line 39", "Container"), ("up >other", "[+] Running", "line 39"),
            ("up 2>&1 | cat", "a-1  | line 39", ""),
        ]
    )
    func redirected(command: String, onScreen: String, inFile: String) async throws {
        try await with { machine in
            let up = try TerminalProgram(
                ["/bin/sh", "-c", "trap : INT; \"$0\" \(command)", Self.berth],
                on: machine,
                columns: 80,
                rows: 24
            )
            try await up.until("everything is up") { terminal in
                terminal.lines.contains { $0.contains(onScreen) }
            }
            try await machine.until("a has said all") {
                let logs = try await machine.berth("logs", "a")
                return logs.out.contains("a has said all")
            }
            try await up.type("\u{3}")
            _ = try await up.end()
            let file = machine.folder.appending(path: "other")
            let other = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
            #expect(inFile.isEmpty || other.contains(inFile))
            #expect(!other.contains("\u{1B}"), "\(other)")
            let both = up.terminal.lines + other.split(separator: "\n").map(String.init)
            for number in 0..<40 {
                let line = "a-1  | line \(number)"
                #expect(both.filter { $0 == line }.count == 1, "\(line)\n\(up.text)")
            }
            #expect(up.terminal.unknown.isEmpty)
        }
    }

    @Test(
        "a terminal that can draw nothing, or must not, gets lines",
        arguments: [
            ["TERM": "dumb"], ["TERM": ""], ["COMPOSE_ANSI": "never"],
            ["COMPOSE_PROGRESS": "plain", "NO_COLOR": "1"],
        ]
    )
    func dumb(environment: [String: String]) async throws {
        try await with { machine in
            let up = try TerminalProgram(
                [Self.berth, "up", "-d"],
                on: machine,
                columns: 80,
                rows: 24,
                environment: environment
            )
            #expect(try await up.end() == 0)
            let started = " Container \(machine.project)-c-1  Started"
            #expect(count(started, in: up.terminal) == 1, "\(up.text)")
            #expect(!up.text.contains("[+]"))
            #expect(up.terminal.unknown.isEmpty)
        }
    }

    @Test("logs -f, build and down draw what they should", arguments: [40, 80, 200])
    func others(columns: Int) async throws {
        let project =
            Self.project + """

                  built:
                    build: {dockerfile_inline: "FROM box\\nRUN for i in 1 2 3; do echo step $$i; sleep 0.2; done\\n"}
                    command: sleep 100
                    init: true
                    profiles: [other]
                """
        try await with(project) { machine in
            func run(_ words: String...) throws -> TerminalProgram {
                try TerminalProgram(
                    [Self.berth] + words,
                    on: machine,
                    columns: columns,
                    rows: 24
                )
            }
            let build = try run("build", "built")
            #expect(try await build.end() == 0, "\(build.text)")
            for number in 1...3 {
                let lines = build.terminal.lines.filter { $0.hasSuffix(" step \(number)") }
                #expect(lines.count == 1, "\(build.text)")
            }
            expectNoStaleBlocks(build.terminal, blocks: 1)
            #expect(try await run("up", "-d").end() == 0)
            let logs = try run("logs", "-f")
            try await logs.until("all of a") { $0.lines.contains("a-1  | a has said all") }
            for number in 0..<40 { #expect(count("a-1  | line \(number)", in: logs.terminal) == 1) }
            try await logs.type("\u{3}")
            #expect(try await logs.end() == 130)
            let down = try run("down", "-t", "0")
            #expect(try await down.end() == 0, "\(down.text)")
            expectNoStaleBlocks(down.terminal, blocks: 1)
            #expect(down.terminal.lines.filter { $0.contains("Removed") }.count == 4)
        }
    }
}
