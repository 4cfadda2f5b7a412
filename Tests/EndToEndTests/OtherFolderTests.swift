import Foundation
import Testing
import TestSupport

/// Two folders whose projects are of one name, since nobody said another.
@Suite("root: two folders of one name", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct OtherFolderTests {
    @Test("volumes of the other one's project are not removed, and its containers may be")
    func volumes() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox()
            let file = """
                services:
                  web: {image: box, init: true, command: sleep 1000, volumes: ["data:/data", /more]}
                volumes: {data: {}}
                """
            let name = machine.project
            for folder in ["one", "two"] {
                try machine.write(file, to: "\(folder)/\(name)/compose.yaml")
            }
            func berth(_ folder: String, _ words: [String]) async throws -> TestMachine.Output {
                try await machine.run(
                    [TestMachine.berth] + words,
                    in: machine.folder.appending(path: "\(folder)/\(name)"),
                    environment: ["COMPOSE_PROJECT_NAME": ""]
                )
            }
            let up = try await berth("one", ["up", "-d"])
            try #require(up.status == 0, "\(up.err)")
            for words in [["down", "-v"], ["rm", "-fsv"], ["down", "-v", "--dry-run"]] {
                let refused = try await berth("two", words)
                #expect(refused.status == 1, "\(words): \(refused.out)")
                for folder in ["one", "two"] {
                    #expect(refused.err.contains("/\(folder)/\(name)"), "\(words): \(refused.err)")
                }
                #expect(refused.err.contains("--adopt"), "\(refused.err)")
            }
            #expect(try await berth("one", ["ps", "-q"]).lines.count == 1)
            // What `up` makes again may go.
            #expect(try await berth("two", ["stop", "-t", "0"]).status == 0)
            #expect(try await berth("two", ["down"]).status == 0)
            // The volumes are still known to be of the other folder.
            #expect(try await berth("two", ["down", "-v"]).status == 1)
            #expect(try await berth("two", ["down", "-v", "--adopt"]).status == 0)
            #expect(try await machine.berth("volume", "ls", "-q").lines.count <= 1)
            #expect(try await berth("one", ["up", "-d"]).status == 0)
            #expect(try await berth("two", ["-p", name, "down", "-v"]).status == 0)
        }
    }

    @Test("a volume that two projects name alike goes with the last of them, whoever made it")
    func shared() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox()
            let name = "\(machine.project)-shared"
            for folder in ["one", "two"] {
                try machine.write(
                    """
                    services:
                      web: {image: box, init: true, command: sleep 1000, volumes: ["data:/data"]}
                    volumes: {data: {name: \(name)}}
                    """,
                    to: "\(machine.project)-\(folder)/compose.yaml"
                )
            }
            func berth(_ folder: String, _ words: [String]) async throws -> TestMachine.Output {
                try await machine.run(
                    [TestMachine.berth] + words,
                    in: machine.folder.appending(path: "\(machine.project)-\(folder)"),
                    environment: ["COMPOSE_PROJECT_NAME": ""]
                )
            }
            for folder in ["one", "two"] {
                #expect(try await berth(folder, ["up", "-d"]).status == 0)
            }
            let first = try await berth("one", ["down", "-v", "-t", "0"])
            #expect(first.status == 0 && first.err.contains("in use by"), "\(first.err)")
            let last = try await berth("two", ["down", "-v", "-t", "0"])
            #expect(last.status == 0, "\(last.err)")
            #expect(try await machine.berth("volume", "ls", "-q").lines.isEmpty)
        }
    }

    @Test(
        "volumes stay their maker's: `up` and `run` of the other one refuse, until it adopts them"
    )
    func up() async throws {
        try await TestMachine.with { machine in
            try await machine.importBox()
            let file = """
                services:
                  web: {image: box, init: true, command: sleep 1000, volumes: ["data:/data"]}
                volumes: {data: {}}
                """
            let name = machine.project
            for folder in ["one", "two"] {
                try machine.write(file, to: "\(folder)/\(name)/compose.yaml")
            }
            func berth(_ folder: String, _ words: [String]) async throws -> TestMachine.Output {
                try await machine.run(
                    [TestMachine.berth] + words,
                    in: machine.folder.appending(path: "\(folder)/\(name)"),
                    environment: ["COMPOSE_PROJECT_NAME": ""]
                )
            }
            try #require(try await berth("one", ["up", "-d"]).status == 0)
            try #require(try await berth("one", ["down"]).status == 0)
            for words in [["up", "-d"], ["run", "--rm", "web", "true"], ["plan"]] {
                let refused = try await berth("two", words)
                #expect(refused.status == 1, "\(words): \(refused.out)")
                for folder in ["one", "two"] {
                    #expect(refused.err.contains("/\(folder)/\(name)"), "\(words): \(refused.err)")
                }
            }
            // One that has another's name says so, and leaves them whose they are.
            #expect(try await berth("two", ["-p", name, "up", "-d"]).status == 0)
            #expect(try await berth("two", ["down"]).status == 0)
            #expect(try await berth("two", ["down", "-v"]).status == 1)
            #expect(try await berth("two", ["up", "-d", "--adopt"]).status == 0)
            #expect(try await berth("one", ["down", "-v"]).status == 1)
            try FileManager.default.removeItem(at: machine.folder.appending(path: "two/\(name)"))
            #expect(try await berth("one", ["rm", "-fs"]).status == 0)
            let again = try await berth("one", ["up", "-d"])
            #expect(
                again.status == 0 && again.err.contains("is not there any more"),
                "\(again.err)"
            )
            #expect(try await berth("one", ["down", "-v", "--adopt"]).status == 0)
        }
    }
}
