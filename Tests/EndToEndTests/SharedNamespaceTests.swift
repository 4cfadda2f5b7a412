import Foundation
import Glibc
import Testing
import TestSupport

/// Services that share namespaces of another one, driven by its ends and changes.
@Suite("root: shared namespaces", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct SharedNamespaceTests {
    private static func service(_ name: String, _ command: String, _ more: String = "") -> String {
        """
          \(name):
            build: {context: ., additional_contexts: {host: /bin}}
            image: sleeper
            command: [sh, -c, "\(command)"]
            stop_signal: SIGKILL
            \(more)

        """
    }

    private static let links = "ip -o link | grep -c eth0"

    private func write(_ machine: TestMachine, somaxconn: Int = 77) throws {
        try machine.writeSleepers(
            Self.service(
                "vpn",
                // Ends once only: what is written to its root stays.
                "while ! { test -e /end && rm /end; }; do usleep 10000; done; exit 3",
                "restart: always\n    ipc: shareable\n"
                    + "    sysctls: {net.core.somaxconn: \(somaxconn)}"
            )
                + Self.service("tool", "exec sleep 1000", "network_mode: 'service:vpn'")
                + Self.service(
                    "watch",
                    "exec sleep 1000",
                    "pid: 'service:vpn'\n    ipc: 'service:vpn'\n    restart: always\n"
                        + "    network_mode: none"
                )
                + Self.service("plain", "exec sleep 1000", "network_mode: bridge")
        )
    }

    /// Whether `tool` has a link of its own making or another's.
    private func isConnected(_ machine: TestMachine) async throws -> Bool {
        try await machine.berth("exec", "-T", "tool", "sh", "-c", Self.links).out == "1\n"
    }

    @Test("what shares a network has its links, after every end and change of whose it is")
    func shares() async throws {
        try await TestMachine.with { machine in
            try write(machine)
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 0, "\(up.err)")
            #expect(try await isConnected(machine))
            let seen = try await machine.berth("exec", "-T", "watch", "ps")
            #expect(seen.out.contains("test -e /end"), "\(seen.out)")
            let limit = "cat /proc/sys/net/core/somaxconn"
            #expect(
                try await machine.berth("exec", "-T", "tool", "sh", "-c", limit).out == "77\n"
            )
            // Its restart policy gives it another network, and the other one follows.
            try await machine.berth("exec", "-T", "vpn", "touch", "/end")
            try await machine.until("the companion has been restarted too") {
                let state = try await machine.berth("ps", "--format", "{{.Name}} {{.Status}}")
                guard state.lines.count == 4, try await isConnected(machine) else { return false }
                let end = try await machine.berth("exec", "-T", "vpn", "test", "-e", "/end")
                return end.status == 1
            }
            // Recreated.
            try write(machine, somaxconn: 78)
            let plan = try await machine.berth("plan")
            #expect(plan.out.contains("tool: shares namespaces of vpn, which is recreated"))
            #expect(try await machine.berth("up", "-d").status == 0)
            #expect(try await isConnected(machine))
            #expect(
                try await machine.berth("exec", "-T", "tool", "sh", "-c", limit).out == "78\n"
            )
            // Stopped and started by hand.
            #expect(try await machine.berth("stop", "-t", "0", "vpn").status == 0)
            #expect(try await machine.berth("up", "-d").status == 0)
            #expect(try await isConnected(machine))
            #expect(try await machine.berth("restart", "-t", "0", "vpn").status == 0)
            #expect(try await isConnected(machine))
            #expect(try await machine.berth("plan").out.contains("up to date"))
        }
    }

    @Test("a kernel parameter of the whole machine is refused at its line")
    func sysctl() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                Self.service("a", "exec sleep 1000", "sysctls: {vm.swappiness: 10}")
            )
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(
                up.err.contains("services.a.sysctls.vm.swappiness: cannot set vm.swappiness"),
                "\(up.err)"
            )
        }
    }

    @Test("scale gives a service more containers and fewer, which the name finds all")
    func scale() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                Self.service("web", "exec sleep 1000", "deploy: {replicas: 2}")
                    + Self.service("client", "exec sleep 1000")
            )
            #expect(try await machine.berth("up", "-d").status == 0)
            let web = { try await machine.berth("ps", "-q", "web").lines.count }
            #expect(try await web() == 2)
            let more = try await machine.berth("scale", "web=3")
            #expect(more.status == 0, "\(more.err)")
            #expect(try await web() == 3)
            let answer = try await machine.berth("exec", "-T", "client", "nslookup", "web")
            #expect(answer.out.components(separatedBy: "Address").count >= 4, "\(answer.out)")
            #expect(try await machine.berth("scale", "--no-deps", "web=0").status == 0)
            #expect(try await web() == 0)
            let wrong = try await machine.berth("scale", "web")
            #expect(wrong.err.contains("invalid scale specifier: web"), "\(wrong.err)")
            #expect(try await machine.berth("scale", "nope=1").status == 1)
        }
    }
}
