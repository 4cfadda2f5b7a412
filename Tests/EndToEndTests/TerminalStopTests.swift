import Foundation
import TestSupport
import TestTerminal
import Testing

/// What a person sees who stops a command with Ctrl-Z and lets it go on.
@Suite("root: stopped on a terminal", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct TerminalStopTests {
    private static let project = """
        services:
          b:
            image: box
            command: sleep 100
            init: true
            healthcheck: {test: "test -f /gone", interval: 1s, start_interval: 100ms, start_period: 60s}
          c:
            image: box
            command: sleep 100
            init: true
            depends_on: {b: {condition: service_healthy}}
        """

    private static let berth = TestMachine.berth

    @Test("what goes on after Ctrl-Z is drawn below what the shell wrote, and once")
    func stopped() async throws {
        try await TestMachine.with { machine in
            try machine.write(Self.project)
            let script = """
                set -e
                mkdir -p base/bin base/tmp
                cp "$(command -v busybox)" base/bin/busybox
                for word in sh sleep test; do ln -sf busybox base/bin/$word; done
                tar -C base -c . | "$0" image import - box
                """
            let made = try await machine.run(["/bin/sh", "-c", script, Self.berth])
            try #require(made.status == 0, "\(made.err)")
            try await stopAndGoOn(on: machine)
        }
    }

    private func stopAndGoOn(on machine: TestMachine) async throws {
        let shell = try TerminalProgram(
            ["/bin/bash", "--norc", "--noprofile", "-i"],
            on: machine,
            columns: 80,
            rows: 40,
            environment: ["PS1": "ready> "]
        )
        try await shell.type("\(Self.berth) up\n")
        try await shell.until("b is waited for") { terminal in
            terminal.lines.contains { $0.contains("b-1") && $0.contains("Waiting") }
        }
        try await shell.type("\u{1A}")
        try await shell.until("the shell says that it is stopped") { terminal in
            terminal.lines.contains { $0.contains("Stopped") }
        }
        try await shell.type("fg\n")
        try await shell.until("it goes on") { terminal in
            Self.below("up", terminal).contains { $0.hasPrefix("[+]") }
        }
        try await shell.type("\u{3}")
        try await shell.until("it ended") { $0.lines.last?.hasPrefix("ready>") == true }
        let lines = Self.below("up", shell.terminal)
        #expect(lines.filter { $0.hasPrefix("[+]") } == ["[+] Running 3/3"], "\(shell.text)")
        for number in ["b-1", "c-1"] {
            let shown = lines.filter { $0.contains("Container") && $0.contains(number) }
            #expect(shown.count == 1, "\(shell.text)")
        }
        #expect(shell.terminal.isCursorVisible)
        // The shell ends as its last command did.
        try await shell.type("exit\n")
        #expect(try await shell.end() == 130)
    }

    /// The lines behind the last that ends with a word.
    private static func below(_ word: String, _ terminal: EmulatedTerminal) -> [String] {
        let lines = terminal.lines
        guard let place = lines.lastIndex(where: { $0.hasSuffix(word) }) else { return [] }
        return Array(lines[(place + 1)...])
    }
}
