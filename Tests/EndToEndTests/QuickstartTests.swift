import Foundation
import Testing
import TestSupport

/// The sample that the README begins with, on a real kernel, through the real program.
@Suite("root: the quickstart", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct QuickstartTests {
    static let sample = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "../../samples/quickstart").standardizedFileURL

    @Test("comes up healthy, counts, keeps what it counted, and leaves nothing behind")
    func wholeLife() async throws {
        try await TestMachine.with { machine in
            func berth(_ arguments: String...) async throws -> TestMachine.Output {
                try await machine.run(
                    [TestMachine.berth] + arguments,
                    in: Self.sample
                )
            }
            let up = try await berth("up", "-d", "--wait")
            #expect(up.status == 0, "\(up.err)")

            let first = try await page(on: machine)
            let second = try await page(on: machine)
            #expect(number(second) > number(first))

            let listed = try await berth("ps", "--format", "json")
            #expect(listed.lines.count == 3)
            #expect(listed.out.contains(#""Health":"healthy""#))
            let publisher = #""URL":"127.0.0.1","TargetPort":8080,"PublishedPort":8080"#
            #expect(listed.out.contains(publisher))
            #expect(listed.out.contains(#""ExitCode":0"#))

            try await machine.until("the visitor has read the page") {
                let logs = try await berth("logs", "visitor")
                return logs.out.contains("store is out of reach") && logs.out.contains("visit ")
            }

            let again = try await berth("up", "-d")
            #expect(again.status == 0, "\(again.err)")
            #expect(!again.err.contains("Recreate"), "\(again.err)")
            let after = try await berth("ps", "--format", "{{.Name}} {{.ID}}")
            let before = try listed.lines.map { try field("ID", of: $0) }
            #expect(before.allSatisfy { after.out.contains($0) })

            let exec = try await berth(
                "exec",
                "-T",
                "web",
                "sh",
                "-c",
                "echo out; echo err >&2; exit 3"
            )
            #expect(exec.status == 3)
            #expect(exec.out == "out\n")
            #expect(exec.err == "err\n")

            // On a terminal the program has one, too, and the command ends with its code.
            let program = TestMachine.berth
            let terminal = try await machine.run(
                [
                    "script", "-qec",
                    "\(program) exec web sh -c 'test -t 1 && echo a terminal; exit 4'",
                    "/dev/null",
                ],
                in: Self.sample
            )
            #expect(terminal.status == 4)
            #expect(terminal.out.contains("a terminal"))

            let down = try await berth("down")
            #expect(down.status == 0, "\(down.err)")
            _ = try await berth("up", "-d", "--wait")
            #expect(
                number(try await page(on: machine)) > number(second),
                "the volume kept the count"
            )
        }
    }

    @Test("a changed value is named by the plan, and only its service is recreated")
    func plan() async throws {
        try await TestMachine.with { machine in
            func berth(
                _ arguments: String...,
                greeting: String
            ) async throws -> TestMachine.Output {
                try await machine.run(
                    [TestMachine.berth] + arguments,
                    in: Self.sample,
                    environment: ["QUICKSTART_GREETING": greeting]
                )
            }
            #expect(try await berth("up", "-d", "--wait", greeting: "one").status == 0)
            let plan = try await berth("plan", greeting: "two")
            #expect(plan.out.contains("web"))
            #expect(plan.out.contains("environment.GREETING"), "\(plan.out)")
            let ids = try await berth("ps", "--format", "{{.Service}} {{.ID}}", greeting: "two")
            #expect(try await berth("up", "-d", "--wait", greeting: "two").status == 0)
            let later = try await berth("ps", "--format", "{{.Service}} {{.ID}}", greeting: "two")
            let unchanged = Set(ids.lines).intersection(later.lines)
            #expect(Set(unchanged.map { $0.prefix { $0 != " " } }) == ["store", "visitor"])
            #expect(try await page(on: machine).contains("two"))
        }
    }

    private func page(on machine: TestMachine) async throws -> String {
        try await machine.run(
            ["busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/cgi-bin/page"]
        ).out
    }

    private func number(_ page: String) -> Int {
        page.split { $0.isWhitespace }.last.flatMap { Int($0) } ?? -1
    }

    private func field(_ name: String, of line: String) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object?[name] as? String)
    }
}
