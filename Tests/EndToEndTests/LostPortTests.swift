import Foundation
import Glibc
import Testing
import TestSupport

/// What becomes of published ports while supervisors are killed.
@Suite("root: lost ports", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct LostPortTests {
    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sleep")
            try machine.write(
                """
                services:
                  web: {image: box, command: sleep 1000, stop_signal: SIGKILL, ports: ["18093:80"]}
                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            try await body(machine)
        }
    }

    /// Who listens at the port, by pid.
    private func holders(_ machine: TestMachine) async throws -> Set<pid_t> {
        let lines = try await machine.run(["ss", "-Hlnpt", "sport = :18093"]).lines
        return Set(
            lines.flatMap { line in
                line.components(separatedBy: "pid=").dropFirst()
                    .compactMap { pid_t($0.prefix(while: \.isNumber)) }
            }
        )
    }

    @Test(
        "supervisors killed one after the other: whoever looks or changes something starts one at once",
        arguments: [["up", "-d"], ["ps"], ["docker", "ps"], ["plan"]]
    )
    func killedAgain(words: [String]) async throws {
        try await with { machine in
            // Keepers wait longer each time: seconds by now.
            for _ in 0..<5 {
                let pid = try #require(try machine.supervisor())
                kill(pid, SIGKILL)
                try await machine.until("there is another one") {
                    guard let next = try machine.supervisor() else { return false }
                    return try await holders(machine) == [next] && next != pid
                }
            }
            let last = try #require(try machine.supervisor())
            kill(last, SIGKILL)
            try await machine.until("it is gone") { try await holders(machine).isEmpty }
            let run = try await machine.run([TestMachine.berth] + words)
            #expect(run.status == 0, "\(run.err)")
            let next = try #require(try machine.supervisor())
            #expect(next != last)
            #expect(try await holders(machine) == [next])
        }
    }

    @Test("a port that another program takes meanwhile is told, and taken again when it is free")
    func taken() async throws {
        try await with { machine in
            let supervisor = try #require(try machine.supervisor())
            let id = try await machine.berth("ps", "-q").lines
            let inspect = try await machine.docker(
                "inspect",
                "-f",
                "{{.State.Pid}}",
                try #require(id.first)
            )
            let pid = try #require(inspect.lines.first.flatMap { pid_t($0) })
            let keeper = try #require(parent(of: pid))
            // It starts no other one.
            kill(keeper, SIGSTOP)
            defer { kill(keeper, SIGCONT) }
            kill(supervisor, SIGKILL)
            try await machine.until("the port is free") { try await holders(machine).isEmpty }
            let stranger = try machine.start(["busybox", "nc", "-l", "-p", "18093"])
            async let end = stranger.end()
            try await machine.until("the stranger listens") {
                try await holders(machine) == [stranger.pid]
            }
            kill(keeper, SIGCONT)
            let words =
                "container \(machine.project)-web-1 is not held for it: busybox (pid \(stranger.pid)) has it"
            let ps = try await machine.berth("ps")
            #expect(ps.status == 0)
            #expect(ps.err.contains("warning: port 18093/tcp of \(words)"), "\(ps.err)")
            let doctor = try await machine.berth("doctor")
            #expect(doctor.out.contains("\(stranger.pid)"), "\(doctor.out)")
            try stranger.signal(SIGKILL)
            _ = try await end
            try await machine.until("the port is held again") {
                try await holders(machine) == [try #require(try machine.supervisor())]
            }
            try await machine.until("nobody tells of it any more") {
                try await machine.berth("ps").err.isEmpty
            }
        }
    }

    private func parent(of pid: pid_t) -> pid_t? {
        let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        return status?.split(separator: "\n").first { $0.hasPrefix("PPid:") }
            .flatMap { pid_t($0.dropFirst(5).trimmingCharacters(in: .whitespaces)) }
    }
}
