import Foundation
import TestSupport
import Testing

/// `/etc/resolv.conf` and `/etc/hosts` that users change or mount.
@Suite("root: files of names", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct NameFileTests {
    private func with(
        _ service: String,
        _ body: (TestMachine) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep cat echo")
            try machine.write("192.0.2.7 mine\n", to: "hosts")
            try machine.write("nameserver 192.0.2.8\n", to: "resolv")
            try machine.write(
                """
                services:
                  web: {image: box, command: [sleep, "1000"], stop_grace_period: 0s, \(service)}
                """
            )
            let up = try await machine.berth("up", "-d")
            try #require(up.status == 0, "\(up.err)")
            try await body(machine)
        }
    }

    private func inside(_ machine: TestMachine, _ script: String) async throws -> String {
        let run = try await machine.berth("exec", "-T", "web", "sh", "-c", script)
        return run.out + run.err
    }

    @Test("a resolv.conf that was changed survives a restart, one that was not is made again")
    func changed() async throws {
        try await with("") { machine in
            let first = try await inside(machine, "cat /etc/resolv.conf")
            #expect(first.contains("127.0.0.11"), "\(first)")
            #expect(try await machine.berth("restart").status == 0)
            #expect(try await inside(machine, "cat /etc/resolv.conf") == first)
            _ = try await inside(machine, "echo nameserver 192.0.2.9 > /etc/resolv.conf")
            #expect(try await machine.berth("restart").status == 0)
            let kept = try await inside(machine, "cat /etc/resolv.conf")
            #expect(kept == "nameserver 192.0.2.9\n")
            let again = try await machine.berth("up", "-d", "--force-recreate")
            #expect(again.status == 0, "\(again.err)")
            #expect(try await inside(machine, "cat /etc/resolv.conf") == first)
        }
    }

    @Test("files that users mount there are what programs see")
    func mounted() async throws {
        let mounts = "volumes: ['./hosts:/etc/hosts', './resolv:/etc/resolv.conf:ro']"
        try await with(mounts) { machine in
            let seen = try await inside(machine, "cat /etc/hosts /etc/resolv.conf")
            #expect(seen == "192.0.2.7 mine\nnameserver 192.0.2.8\n")
            #expect(try await machine.berth("restart").status == 0)
            let hosts = try await machine.run(["cat", "hosts", "resolv"])
            #expect(hosts.out == "192.0.2.7 mine\nnameserver 192.0.2.8\n")
        }
    }
}
