import Foundation
import Glibc
import TestSupport
import Testing

/// `logging.driver` on the real kernel.
@Suite(
    "root: log drivers",
    .tags(.root),
    .leavesNothing,
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct LogDriverTests {
    @Test("with none nothing is kept and everything that looks for it says so; local is kept")
    func drivers() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox()
            try machine.write(
                """
                services:
                  silent: {image: box, command: echo said, logging: {driver: none}}
                  kept: {image: box, command: echo said, logging: {driver: local}}
                """
            )
            let up = try await machine.berth("up")
            #expect(up.status == 0, "\(up.err)")
            #expect(up.out.contains("kept-1") && up.out.contains("said"))
            // As docker compose, whoever is attached sees it.
            #expect(
                up.lines.contains { $0.contains("silent-1") && $0.hasSuffix("| said") },
                "\(up.out)"
            )
            let logs = try await machine.berth("logs", "--no-log-prefix")
            #expect(logs.status == 0 && logs.out == "said\n")
            #expect(logs.err.contains("silent-1 keeps no log (logging.driver: none)"))
            let folder = machine.folder.appending(path: "root")
            let files = FileManager.default.subpaths(atPath: folder.path()) ?? []
            #expect(files.count { $0.hasSuffix("log/container.log") } == 1)
            #expect(try await machine.berth("down").status == 0)
        }
    }

    /// Writes down what one connection brings. Its input has no end: at one it would say so to who
    /// is connected, who takes that for the server's end.
    private func server(on machine: TestMachine, _ file: String) throws -> Program {
        let command = "mkfifo \(file).in; exec busybox nc -l -p 5140 <> \(file).in > \(file)"
        return try machine.start(["sh", "-c", command])
    }

    @Test("nothing starts without its server; lines that this misses later come once each")
    func sent() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox()
            try machine.write(
                """
                services:
                  web:
                    image: box
                    command:
                      - sh
                      - -c
                      - |
                        trap 'echo third' USR1; echo first; echo second >&2
                        while :; do sleep 0.1; done
                    stop_grace_period: 0s
                    ports: ["127.0.0.1:18099:80"]
                    labels: {stage: test}
                    logging:
                      driver: syslog
                      options:
                        syslog-address: tcp://127.0.0.1:5140
                        syslog-format: rfc5424
                        tag: "{{.Name}}"
                """
            )
            let early = try await machine.berth("up", "-d")
            #expect(early.status != 0)
            #expect(
                early.err.contains(
                    "failed to initialize logging driver: dial tcp 127.0.0.1:5140: connect: "
                        + "connection refused"
                ),
                "\(early.err)"
            )
            let ports = try await machine.docker("ps", "-a", "--format", "{{.Ports}}")
            #expect(ports.out == "\n", "a port of what does not run: \(ports)")
            #expect(try await machine.berth("system", "check").status == 0)
            func received(_ file: String) throws -> [Substring] {
                let path = machine.folder.appending(path: file)
                // Nothing has come before there is a file.
                guard FileManager.default.fileExists(atPath: path.path()) else { return [] }
                return try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
            }
            let first = try server(on: machine, "first")
            try await machine.until("it starts, now that its server is there") {
                try await machine.berth("up", "-d").status == 0
            }
            try await machine.until("both lines have come") { try received("first").count == 2 }
            let name = "\(machine.project)-web-1"
            let lines = try received("first")
            #expect(lines[0].hasPrefix("<30>1 ") && lines[0].hasSuffix(" - first"), "\(lines)")
            #expect(lines[1].hasPrefix("<27>1 ") && lines[1].contains(" \(name) "), "\(lines)")
            #expect(try await machine.berth("logs").err == "")
            try first.signal(SIGKILL)
            _ = try await first.end()
            #expect(try await machine.berth("kill", "-s", "USR1").status == 0)
            try await machine.until("logs says that nothing is sent") {
                try await machine.berth("logs").err.contains("its log is not sent to tcp://")
            }
            let second = try server(on: machine, "second")
            try await machine.until("the line has come") {
                try received("second").count == 1
            }
            #expect(try await machine.berth("down").status == 0)
            try second.signal(SIGKILL)
            _ = try await second.end()
            #expect(try received("first").count == 2)
            #expect(try received("second").count == 1)
        }
    }
}
