import Foundation
import Glibc
import TestSupport
import Testing

/// What `logs` shows of what containers wrote.
@Suite("root: looking at logs", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct LogViewTests {
    @Test("lines are found, reduced to members, given times of a zone, and in order over services")
    func views() async throws {
        try await TestMachine.with { machine in
            let wait = "until [ -e /turn/$$0 ]; do sleep 0.01; done"
            func service(_ name: String, _ commands: String) -> String {
                """
                  \(name):
                    image: box
                    volumes: [turn:/turn]
                    command: [sh, -c, '\(commands)']

                """
            }
            try machine.write(
                "services:\n"
                    + service(
                        "a",
                        #"echo "{\"level\":\"warn\",\"msg\":\"one\"}"; touch /turn/1; "#
                            + wait.replacing("$$0", with: "2") + "; echo three error"
                    )
                    + service("b", wait.replacing("$$0", with: "1") + "; echo two; touch /turn/2")
                    + "volumes: {turn: {}}\n"
            )
            try await machine.importBox("sh sleep touch echo")
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            try await machine.until("both have ended") {
                try await machine.berth("ps", "-q").out.isEmpty
            }
            let all = try await machine.berth("logs", "--no-log-prefix", "--fields", "msg")
            #expect(all.out == "one\ntwo\nthree error\n", "\(all.out)")
            let found = try await machine.berth("logs", "--grep", "^t.*ERR|ONE", "--ignore-case")
            #expect(found.lines.count == 2 && found.out.contains("three error"), "\(found.out)")
            let followed = try await machine.berth("logs", "-f", "--grep", "two")
            #expect(followed.lines.filter { $0.contains(" | ") }.count == 1, "\(followed.out)")
            let zoned = try await machine.berth(
                "logs",
                "--no-log-prefix",
                "--time-zone",
                "local",
                "b",
                environment: ["TZ": "XYZ-3:30"]
            )
            #expect(zoned.out.wholeMatch(of: /\S+\+03:30 two\n/) != nil, "\(zoned.out)")
            let utc = try await machine.berth("logs", "--no-log-prefix", "--time-zone", "UTC", "b")
            #expect(utc.out.wholeMatch(of: /\S+Z two\n/) != nil, "\(utc.out)")
        }
    }
}
