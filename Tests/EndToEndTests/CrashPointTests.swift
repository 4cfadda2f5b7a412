import Foundation
import Linux
import Testing
import TestSupport

/// Every command is killed at every step, run again, and has to reach the same end.
@Suite("root: crash points", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(10)))
struct CrashPointTests {
    @Test("up and down, killed at every step", arguments: CrashSite.Role.allCases)
    func upAndDown(role: CrashSite.Role) async throws {
        let (up, down) = (["up", "-d"], ["down", "-v"])
        // Each lane has a machine, and half of the sites.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<2 {
                group.addTask {
                    try await Self.with { _, crash in
                        // What is made once for all containers is there then.
                        try await crash.succeed(up)
                        try await crash.succeed(down)
                        let begins = try await crash.sites(of: up)
                        let ends = try await crash.sites(of: down)
                        try await Self.turns(
                            crash,
                            CrashSites(begins, role, during: up, lane: lane, everyPass: true),
                            CrashSites(ends, role, during: down, lane: lane, everyPass: true)
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// A killed `up` and a killed `down` at each turn.
    private static func turns(
        _ crash: CrashFolder,
        _ begins: CrashSites,
        _ ends: CrashSites
    ) async throws {
        var (begins, ends) = (begins, ends)
        for turn in 0..<max(begins.sites.count, ends.sites.count) {
            let site = try await begins.kill(turn, crash)
            try await crash.succeed(begins.words, after: site)
            #expect(try crash.count(in: "containers") == 1, "killed at \(site)")
            let file = "root/volumes/\(crash.machine.project)_data/_data/file"
            let text = try? String(
                contentsOf: crash.machine.folder.appending(path: file),
                encoding: .utf8
            )
            #expect(text == "first\n", "killed at \(site)")
            try await crash.expectClean(after: site, "up")
            let end = try await ends.kill(turn, crash)
            try await crash.succeed(ends.words, after: end)
            #expect(try crash.count(in: "containers") == 0, "killed at \(end)")
            #expect(try crash.count(in: "volumes") == 0, "killed at \(end)")
            try await crash.expectClean(after: end, "down")
        }
        begins.expectReached()
        ends.expectReached()
    }

    @Test("a rolling update, killed at every step", arguments: CrashSite.Role.allCases)
    func update(role: CrashSite.Role) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<2 {
                group.addTask { try await Self.updates(role, lane: lane) }
            }
            try await group.waitForAll()
        }
    }

    /// Half of the sites, each with a color of its own.
    private static func updates(_ role: CrashSite.Role, lane: Int) async throws {
        try await with { machine, crash in
            func write(_ color: String) throws {
                try machine.write(
                    """
                    services:
                      app:
                        image: box
                        command: [sleep, "1000"]
                        init: true
                        stop_grace_period: 0s
                        environment: {COLOR: \(color)}
                        deploy: {update_config: {order: start-first}}
                    """,
                    to: "update.yaml"
                )
            }
            let words = ["-f", "update.yaml", "up", "-d"]
            try write("first")
            try await crash.succeed(words)
            try write("second")
            let found = try await crash.sites(of: words)
            var sites = CrashSites(found, role, during: words, lane: lane)
            for turn in sites.sites.indices {
                try write("c\(turn)")
                let site = try await sites.kill(turn, crash)
                try await crash.succeed(words, after: site)
                #expect(try crash.count(in: "containers") == 1, "killed at \(site)")
                let color = try await machine.berth(
                    "-f",
                    "update.yaml",
                    "exec",
                    "-T",
                    "app",
                    "sh",
                    "-c",
                    "echo $COLOR"
                )
                #expect(color.out == "c\(turn)\n", "killed at \(site): \(color.err)")
                let names = try await machine.berth("ps", "-a", "--format", "{{.Name}}").lines
                #expect(names == ["\(machine.project)-app-1"], "killed at \(site)")
                try await crash.expectClean(after: site, "update")
            }
            sites.expectReached(comparesTable: false)
            try await crash.succeed(["down", "-v"])
        }
    }

    @Test("run, killed at every step", arguments: CrashSite.Role.allCases)
    func run(role: CrashSite.Role) async throws {
        try await Self.with { machine, crash in
            let words = ["run", "--rm", "-T", "app", "echo", "done"]
            try await crash.succeed(["up", "-d"])
            try await crash.succeed(words)
            var sites = CrashSites(try await crash.sites(of: words), role, during: words)
            for turn in sites.sites.indices {
                let site = try await sites.kill(turn, crash)
                let again = try await crash.succeed(words, after: site)
                #expect(again.out == "done\n", "killed at \(site)")
                try await crash.expectClean(after: site, "run")
            }
            sites.expectReached()
            // What killed commands have left behind them goes with the project.
            try await crash.succeed(["down", "-v", "--remove-orphans"])
            #expect(try crash.count(in: "containers") == 0)
        }
    }

    @Test("rm, killed at every step", arguments: CrashSite.Role.allCases)
    func rm(role: CrashSite.Role) async throws {
        try await Self.with { machine, crash in
            let words = ["rm", "-sfv", "app"]
            try await crash.succeed(["up", "-d"])
            var sites = CrashSites(try await crash.sites(of: words), role, during: words)
            for turn in sites.sites.indices {
                try await crash.succeed(["up", "-d"])
                let site = try await sites.kill(turn, crash)
                try await crash.succeed(words, after: site)
                #expect(try crash.count(in: "containers") == 0, "killed at \(site)")
                try await crash.expectClean(after: site, "rm")
            }
            sites.expectReached()
        }
    }

    @Test("build, killed at every step")
    func build() async throws {
        try await Self.with { machine, crash in
            try machine.write(
                "FROM box\nCOPY note /note\nRUN echo made > /made\nLABEL made=here\n",
                to: "image/Dockerfile"
            )
            try machine.write("a note", to: "image/note")
            try machine.write(
                "services: {made: {build: ./image, image: made}}\n",
                to: "build.yaml"
            )
            let words = ["-f", "build.yaml", "build", "-q"]
            var sites = CrashSites(try await crash.sites(of: words), .command, during: words)
            for turn in sites.sites.indices {
                // The cache knows nothing of this one.
                try machine.write("note \(turn)", to: "image/note")
                let site = try await sites.kill(turn, crash)
                try await crash.succeed(words, after: site)
                let program = ["sh", "-c", "read a < /made; read b < /note; echo $a $b"]
                let run = try await crash.succeed(
                    ["container", "run", "--rm", "--network", "none", "made"] + program,
                    after: site
                )
                #expect(run.out == "made note \(turn)\n", "killed at \(site)")
                try await crash.expectClean(after: site, "build")
            }
            sites.expectReached()
        }
    }

    @Test(
        "pull, killed at every step",
        .enabled(if: DebianRegistry.isInstalled, "needs docker-registry")
    )
    func pull() async throws {
        try await Self.with { machine, crash in
            let registry = try await LocalRegistry(on: machine)
            do {
                let name = "localhost:5000/box:1"
                try await crash.succeed(["image", "tag", "box", name])
                try await crash.succeed(["image", "push", "-q", name])
                try await crash.succeed(["image", "rm", name, "box"])
                try machine.write("services: {a: {image: '\(name)'}}\n", to: "pull.yaml")
                let words = ["-f", "pull.yaml", "pull", "-q"]
                var sites = CrashSites(try await crash.sites(of: words), .command, during: words)
                for turn in sites.sites.indices {
                    try await crash.succeed(["image", "rm", name])
                    let site = try await sites.kill(turn, crash)
                    try await crash.succeed(words, after: site)
                    let run = try await crash.succeed(
                        ["container", "run", "--rm", "--network", "none", name, "echo", "here"],
                        after: site
                    )
                    #expect(run.out == "here\n", "killed at \(site)")
                    try await crash.expectClean(after: site, "pull")
                }
                sites.expectReached()
            } catch {
                try await registry.end()
                throw error
            }
            try await registry.end()
        }
    }

    /// A machine with the image `box`, and a project of one service with a network, a published port, a
    /// config and a volume that begins with what the image has.
    private static func with(
        _ body: (TestMachine, CrashFolder) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox(
                "sh sleep echo",
                preparing: "mkdir base/data && echo first > base/data/file"
            )
            try machine.write(
                """
                services:
                  app:
                    image: box
                    command: [sleep, "1000"]
                    init: true
                    ports: ["18080:80"]
                    volumes: ["data:/data"]
                    configs: [note]
                    stop_grace_period: 0s
                volumes: {data: {}}
                configs: {note: {content: a note}}
                """
            )
            try await body(machine, try CrashFolder(on: machine))
        }
    }
}

@Suite("the page about reliability")
struct CrashTableTests {
    @Test("every crash point is one that some command comes by, and is in the table of the page")
    func complete() throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).appending(path: "../../../docs/reliability.md")
                .standardized,
            encoding: .utf8
        )
        let lines = Set(page.split(separator: "\n").map(String.init))
        for row in CrashTable.rows {
            #expect(lines.contains(row), "docs/reliability.md lacks: \(row)")
            #expect(!row.hasSuffix("|  |  |"), "no command comes by it: \(row)")
        }
    }
}
