import Foundation
import Glibc
import Testing
import TestSupport

/// Containers that are replaced some at a time, and what becomes of them when the new ones are no good.
@Suite("root: rolling updates", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct RollingTests {
    /// Healthy once there is a file `go-<color>` in the volume.
    private static func web(
        _ color: String,
        _ deploy: String,
        command: String = "exec sleep 1000"
    ) -> String {
        """
        services:
          web:
            image: box
            command: [sh, -c, "\(command)"]
            stop_signal: SIGKILL
            environment: {COLOR: \(color)}
            volumes: [seen:/seen]
            healthcheck: {test: test -e /seen/go-\(color), interval: 1s, retries: 1000}
            deploy: {\(deploy)}
          probe: {image: box, command: sleep 1000, stop_signal: SIGKILL, volumes: [seen:/seen]}
        volumes: {seen: {}}
        """
    }

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep echo test touch nslookup mkdir grep")
            try await body(machine)
        }
    }

    private func allow(_ color: String, _ machine: TestMachine) async throws {
        let touch = try await machine.berth("exec", "-T", "probe", "touch", "/seen/go-\(color)")
        try #require(touch.status == 0, "\(touch.err)")
    }

    /// Brings the first color up, and lets it become healthy.
    private func begin(_ deploy: String, _ machine: TestMachine) async throws -> [String] {
        try machine.write(Self.web("red", deploy))
        let up = try await machine.berth("up", "-d")
        try #require(up.status == 0, "\(up.err)")
        try await allow("red", machine)
        try await machine.until("it is healthy") {
            try await !machine.berth("ps", "web").out.contains("starting")
        }
        return try await identifiers(machine)
    }

    private func identifiers(_ machine: TestMachine) async throws -> [String] {
        try await machine.berth("ps", "-q", "--no-trunc", "web").lines.sorted()
    }

    @Test(
        "start first: the old one runs, and alone is found by the name, until the new one is healthy"
    )
    func startFirst() async throws {
        try await with { machine in
            let deploy = "update_config: {order: start-first}"
            let old = try await begin(deploy, machine)
            try machine.write(Self.web("blue", deploy))
            let plan = try await machine.berth("plan")
            #expect(plan.out.contains("until it is ready"), "\(plan.out)\(plan.err)")
            let up = try machine.start([TestMachine.berth, "up", "-d"])
            async let end = up.end()
            try await machine.until("both run") {
                let shown = try await machine.berth("ps", "web").out
                return try await identifiers(machine).count == 2
                    && shown.contains("health: starting")
            }
            let name = ["exec", "-T", "probe", "nslookup", "web"]
            let found = try await machine.run([TestMachine.berth] + name)
            // Of busybox: the server's own address has a port.
            let addresses = found.lines.filter { $0.hasPrefix("Address") && !$0.hasSuffix(":53") }
            #expect(addresses.count == 1, "\(found.out)\(found.err)")
            #expect(try await identifiers(machine).contains(old[0]))
            try await allow("blue", machine)
            let ended = try await end
            #expect(ended.status == 0, "\(ended.err)")
            let new = try await identifiers(machine)
            #expect(new.count == 1 && new != old, "\(new)")
            let names = try await machine.berth("ps", "--format", "{{.Name}}", "web").lines
            #expect(names == ["\(machine.project)-web-1"])
            let events = try await machine.berth("events", "--since", "1h", "--until", "0s").lines
            let healthy = events.lastIndex { $0.contains("health_status: healthy \(new[0])") }
            let died = events.firstIndex { $0.contains("container die \(old[0])") }
            #expect(try #require(healthy) < #require(died), "\(events)")
            #expect(try await machine.berth("plan").out.contains("nothing to do"))
        }
    }

    @Test(
        "one that does not become ready is removed with its last words, and the old one goes on",
        arguments: ["start-first", "stop-first"]
    )
    func kept(order: String) async throws {
        try await with { machine in
            let deploy = "replicas: 2, update_config: {order: \(order)}"
            let old = try await begin(deploy, machine)
            try machine.write(Self.web("blue", deploy, command: "echo no luck; exit 3"))
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            let said =
                "container \(machine.project)-web-1 runs on as it was: container "
                + "\(machine.project)-web-1 (new) exited (3); it wrote last:"
            #expect(up.err.contains(said), "\(up.err)")
            #expect(up.err.contains("    no luck"), "\(up.err)")
            #expect(try await identifiers(machine) == old)
            #expect(try await machine.berth("ps", "-aq", "--no-trunc", "web").lines.sorted() == old)
        }
    }

    @Test("of one that is unhealthy, what its check and its log said last is told")
    func lastWords() async throws {
        try await with { machine in
            func file(_ check: String) -> String {
                """
                services:
                  web:
                    image: box
                    command: [sh, -c, "echo the log; exec sleep 1000"]
                    stop_signal: SIGKILL
                    healthcheck: {test: "\(check)", interval: 100ms, retries: 1}
                    deploy: {update_config: {order: start-first}}
                """
            }
            try machine.write(file("true"))
            try #require(try await machine.berth("up", "-d", "--wait").status == 0)
            try machine.write(file("echo the check; exit 1"))
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            let lines = up.err.split(separator: "\n").map(String.init)
            let start = try #require(lines.firstIndex { $0.contains("said last:") }, "\(up.err)")
            let told = lines[start...].dropFirst().prefix(3)
            #expect(Array(told) == ["    the check", "  its log ends with:", "    the log"])
        }
    }

    /// Who asks for the name and connects to what is answered, again and again, must not see that
    /// anything is replaced, even where the old one ends with its first signal.
    @Test(
        "start first: nobody who asks for the name meets a missing answer or a refusal",
        arguments: [1, 3]
    )
    func withoutGap(replicas: Int) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sleep httpd")
            func file(_ color: String) -> String {
                """
                services:
                  web:
                    image: box
                    command: [httpd, -f, -p, "80", -h, /etc]
                    stop_signal: SIGKILL
                    environment: {COLOR: \(color)}
                    x-berth: {healthcheck: {tcp: 80, interval: 200ms, retries: 100}}
                    deploy: {replicas: \(replicas), update_config: {order: start-first}}
                  probe: {image: box, command: sleep 1000, stop_signal: SIGKILL}
                """
            }
            try machine.write(file("red"))
            let first = try await machine.berth("up", "-d", "--wait")
            try #require(first.status == 0, "\(first.err)")
            try await machine.whileAsked() {
                for color in ["blue", "green"] {
                    try machine.write(file(color))
                    let up = try await machine.berth("up", "-d")
                    #expect(up.status == 0, "\(up.err)")
                }
            }
        }
    }

    @Test("start first: an update that is interrupted goes back without a gap, too")
    func interruptedWithoutGap() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep httpd mkdir")
            func file(_ color: String, _ begins: String) -> String {
                """
                services:
                  web:
                    image: box
                    command: [sh, -c, "\(begins)sleep 0.7; exec httpd -f -p 80 -h /etc"]
                    stop_signal: SIGKILL
                    environment: {COLOR: \(color)}
                    volumes: ["seen:/seen"]
                    x-berth: {healthcheck: {tcp: 80, interval: 200ms, retries: 100}}
                    deploy:
                      replicas: 2
                      update_config: {order: start-first, parallelism: 1, failure_action: rollback}
                  probe: {image: box, command: sleep 1000, stop_signal: SIGKILL}
                volumes: {seen: {}}
                """
            }
            try machine.write(file("red", ""))
            let first = try await machine.berth("up", "-d", "--wait")
            try #require(first.status == 0, "\(first.err)")
            try await machine.whileAsked() {
                // The first one becomes ready, the second one never does.
                try machine.write(file("blue", "mkdir /seen/first || sleep 1000; "))
                let up = try machine.start([TestMachine.berth, "up", "-d"])
                async let ended = up.end()
                try await machine.until("the second one is tried") {
                    try await machine.berth("ps", "-a", "--format", "{{.Name}} {{.State}}").lines
                        .contains { $0.hasSuffix("-web-2 running") && $0.contains("_") }
                }
                try up.signal(SIGINT)
                #expect(try await ended.status == 130)
            }
            let names = try await machine.berth("ps", "-a", "--format", "{{.Name}}").lines
            #expect(names.count == 3 && !names.contains { $0.contains("_") }, "\(names)")
        }
    }

    /// Of two new ones the first is good and the second is not.
    @Test(
        "what follows when the second of two fails is as failure_action says",
        arguments: [("pause", 1), ("rollback", 0)]
    )
    func failureAction(action: String, replaced: Int) async throws {
        try await with { machine in
            let deploy = "replicas: 2, update_config: {failure_action: \(action)}"
            let old = Set(try await begin(deploy, machine))
            try await allow("blue", machine)
            let once = "mkdir /seen/once || exit 4; exec sleep 1000"
            try machine.write(Self.web("blue", deploy, command: once))
            let up = try await machine.berth("up", "-d")
            #expect(up.status == 1)
            #expect(up.err.contains("web-2 (new) exited (4)"), "\(up.err)")
            let left = Set(try await identifiers(machine))
            #expect(left.count == 2)
            #expect(left.subtracting(old).count == replaced, "\(left) \(old)")
        }
    }
}
