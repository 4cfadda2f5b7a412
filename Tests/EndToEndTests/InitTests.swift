import Foundation
import TestSupport
import Testing

/// `berth init` on a disk: it writes what is not there, and nothing else.
@Suite("root: init", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct InitTests {
    @Test("prints with --dry-run, writes without, and never overwrites")
    func writing() async throws {
        try await TestMachine.with { machine in
            try machine.write("flask\npsycopg\n", to: "shop/requirements.txt")
            try machine.write("", to: "shop/app.py")
            try machine.write("mine\n", to: "shop/Dockerfile")
            let folder = machine.folder.appending(path: "shop")
            func names() throws -> Set<String> {
                Set(try FileManager.default.contentsOfDirectory(atPath: folder.path()))
            }
            let before = try names()
            let dry = try await machine.berth("init", "--dry-run", in: folder)
            #expect(dry.status == 0, "\(dry.err)")
            #expect(dry.out.contains("# compose.yaml\n") && dry.out.contains("postgres:17"))
            #expect(dry.err.contains("found: Python, PostgreSQL"))
            #expect(try names() == before)

            let first = try await machine.berth("init", in: folder)
            #expect(first.status == 0, "\(first.err)")
            #expect(first.err.contains("Dockerfile is there already and stays as it is"))
            #expect(first.err.contains("wrote compose.yaml"))
            #expect(try names() == before.union(["compose.yaml", ".dockerignore"]))
            let dockerfile = folder.appending(path: "Dockerfile")
            #expect(try String(contentsOf: dockerfile, encoding: .utf8) == "mine\n")
            let config = try await machine.berth("config", "--strict", "-q", in: folder)
            #expect(config.status == 0, "\(config.err)")

            let again = try await machine.berth("init", "shop")
            #expect(again.status == 0 && !again.err.contains("wrote"), "\(again.err)")
            try machine.write("", to: "empty/README")
            let nothing = try await machine.berth("init", "empty")
            #expect(nothing.status == 1 && nothing.err.hasPrefix("no language that berth knows"))
        }
    }

    @Test("a compose file of whatever name stays the only one")
    func otherNames() async throws {
        try await TestMachine.with { machine in
            try machine.write("<p>", to: "index.html")
            try machine.write("services: {}\n", to: "docker-compose.yml")
            let run = try await machine.berth("init")
            #expect(run.status == 0, "\(run.err)")
            #expect(run.err.contains("docker-compose.yml is there already"))
            let path = machine.folder.appending(path: "compose.yaml").path()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}
