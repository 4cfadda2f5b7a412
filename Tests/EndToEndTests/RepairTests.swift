import Foundation
import Testing
import TestSupport

/// Somebody else's commands take away what containers live on.
@Suite("root: what is broken behind our back", .tags(.root), .enabled(if: isRoot))
struct RepairTests {
    /// A command that breaks something, `BRIDGE` and `VETH` being those of the project.
    private static let damage = [
        "nft flush ruleset", "nft delete table inet berth", "ip link delete BRIDGE",
        "ip link delete VETH", "ip link set BRIDGE down", "ip link set VETH nomaster",
        "ip address flush dev BRIDGE", "sysctl -q -w net.ipv4.ip_forward=0",
    ]

    @Test(
        "comes back while containers run, and nobody has to say a word",
        .timeLimit(.minutes(5))
    )
    func comesBack() async throws {
        try await TestMachine.with { machine in
            try machine.writeSleepers(
                """
                  web:
                    build: {context: ., additional_contexts: {host: /bin}}
                    image: sleeper
                    command: [httpd, -f, -p, "80", -h, /bin]
                    ports: ["127.0.0.1:8099:80"]
                    stop_grace_period: 0s
                  peer:
                    image: sleeper
                    command: [sleep, "1000"]
                    stop_grace_period: 0s
                """
            )
            try #require(try await machine.berth("up", "-d", "--build").status == 0)
            for damage in Self.damage {
                try await machine.breakNetwork(damage)
                try await machine.until("all is as before `\(damage)`") {
                    let check = try await machine.berth("system", "check")
                    // Through the port, the bridge and the link.
                    let page = try await machine.run([
                        "timeout", "2", "bash", "-c",
                        "exec 3<>/dev/tcp/127.0.0.1/8099; "
                            + "printf 'GET /busybox HTTP/1.0\\r\\n\\r\\n' >&3; head -c 8 <&3",
                    ])
                    return check.status == 0 && page.out.hasPrefix("HTTP/1.")
                }
            }
            let doctor = try await machine.berth("doctor")
            #expect(doctor.out.contains("the kernel has what they say"))
        }
    }

    @Test(
        "networks on which nothing runs miss nothing, and have all again when something starts there",
        .timeLimit(.minutes(2))
    )
    func idle() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep true httpd")
            #expect(try await machine.docker("network", "create", "own").status == 0)
            #expect(try await machine.docker("run", "--rm", "box", "true").status == 0)
            func flush() async throws {
                #expect(try await machine.run(["nft", "flush", "ruleset"]).status == 0)
            }
            try await flush()
            let check = try await machine.berth("system", "check")
            #expect(check.status == 0, "\(check.out)")
            let run = try await machine.docker(
                "run",
                "-d",
                "--name",
                "cc",
                "--stop-timeout",
                "0",
                "-p",
                "127.0.0.1:8098:80",
                "box",
                "httpd",
                "-f",
                "-h",
                "/bin"
            )
            #expect(run.status == 0, "\(run.err)")
            for _ in 0..<2 {
                try await machine.until("the port leads to it, and nothing is missed") {
                    let page = try await machine.run([
                        "timeout", "2", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8098",
                    ])
                    let check = try await machine.berth("system", "check")
                    return page.status == 0 && check.status == 0
                }
                // Now by itself, on the default bridge too.
                try await flush()
            }
            #expect(try await machine.docker("rm", "-f", "cc").status == 0)
            #expect(try await machine.docker("network", "rm", "own").status == 0)
        }
    }
}

extension TestMachine {
    fileprivate func breakNetwork(_ command: String) async throws {
        let links = try await run(["ip", "-o", "link"]).lines.compactMap {
            $0.split(separator: " ").dropFirst().first?.split { $0 == ":" || $0 == "@" }.first
        }.map(String.init)
        let bridges = try await run(["ip", "-o", "link", "show", "type", "bridge"]).lines
            .compactMap { $0.split(separator: " ").dropFirst().first?.dropLast() }.map(String.init)
        let bridge = try #require(bridges.first)
        let veth = try #require(links.first { $0 != "lo" && $0 != bridge })
        let words = command.replacing("BRIDGE", with: bridge).replacing("VETH", with: veth)
        let result = try await run(words.split(separator: " ").map(String.init))
        try #require(result.status == 0, "\(words): \(result.err)")
    }
}
