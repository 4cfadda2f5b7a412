import Foundation
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
            #expect(up.err.contains("silent keeps no log (logging.driver: none)"))
            let logs = try await machine.berth("logs", "--no-log-prefix")
            #expect(logs.status == 0 && logs.out == "said\n")
            #expect(logs.err.contains("silent-1 keeps no log (logging.driver: none)"))
            let folder = machine.folder.appending(path: "root")
            let files = FileManager.default.subpaths(atPath: folder.path()) ?? []
            #expect(files.count { $0.hasSuffix("log/container.log") } == 1)
            #expect(try await machine.berth("down").status == 0)
        }
    }
}
