import Foundation
import Glibc
import TestSupport
import TestTerminal
import Testing

/// `pull` as a person sees it, and a terminal that a shell had meanwhile.
@Suite("root: pulls on the terminal", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct TerminalPullTests {

    @Test("Ctrl-C ends a pull whose registry does not answer, and leaves nothing of it")
    func interrupted() async throws {
        try await TestMachine.with { machine in
            // Takes the connection, and says nothing.
            let silent = try machine.start(
                ["/bin/sh", "-c", "mkfifo never && exec busybox nc -l -p 5000 <> never"]
            )
            try await machine.until("it listens") {
                let sockets = try await machine.run(["cat", "/proc/net/tcp", "/proc/net/tcp6"])
                return sockets.out.contains(":1388 ")
            }
            try machine.write("services: {a: {image: \"127.0.0.1:5000/box:1\"}}")
            let pull = try TerminalProgram(
                [TestMachine.berth, "pull"],
                on: machine,
                columns: 80,
                rows: 24
            )
            try await pull.until("it pulls") { terminal in
                terminal.lines.contains { $0.contains("Pulling") }
            }
            try await pull.type("\u{3}")
            #expect(try await pull.end() == 130, "\(pull.text)")
            #expect(pull.terminal.isCursorVisible)
            try silent.signal(SIGKILL)
            _ = try await silent.end()
            #expect(try await machine.berth("image", "ls", "-q").out == "")
        }
    }

    @Test(
        "pull draws one block that ends complete, with nothing stale",
        .enabled(if: DebianRegistry.isInstalled),
        arguments: [40, 80, 200]
    )
    func pull(columns: Int) async throws {
        try await TestMachine.with { machine in
            let registry = try await LocalRegistry(on: machine)
            do {
                try await machine.importBox(as: "127.0.0.1:5000/box:1")
                let push = try await machine.berth("image", "push", "127.0.0.1:5000/box:1")
                try #require(push.status == 0, "\(push.err)")
                try await machine.berth("image", "rm", "127.0.0.1:5000/box:1")
                try machine.write(
                    """
                    services:
                      a: {image: "127.0.0.1:5000/box:1"}
                      b: {image: "127.0.0.1:5000/box:1"}
                      c: {build: {dockerfile_inline: "FROM scratch"}}
                    """
                )
                let pull = try TerminalProgram(
                    [TestMachine.berth, "pull"],
                    on: machine,
                    columns: columns,
                    rows: 24
                )
                #expect(try await pull.end() == 0, "\(pull.text)")
                let lines = pull.terminal.lines
                #expect(lines.filter { $0.hasPrefix("[+]") }.count == 1, "\(pull.text)")
                #expect(
                    lines.first { $0.hasPrefix("[+]") }?.hasSuffix("2/2") == true,
                    "\(pull.text)"
                )
                #expect(lines.filter { $0.contains("Pulled") }.count == 1, "\(pull.text)")
                #expect(lines.filter { $0.contains("Skipped") }.count == 1, "\(pull.text)")
                #expect(lines.allSatisfy { $0.count < columns }, "\(pull.text)")
                #expect(pull.terminal.isCursorVisible && pull.terminal.unknown.isEmpty)
            } catch {
                try await registry.end()
                throw error
            }
            try await registry.end()
        }
    }
}
