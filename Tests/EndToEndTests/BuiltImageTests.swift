import Foundation
import Testing
import TestSupport

/// What a project's builds say and leave, as docker compose 2.40.3's do.
@Suite(
    "root: images that a project builds",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct BuiltImageTests {
    private static let project = """
        services:
          one:
            build: {context: one, labels: {mine: "1", com.docker.compose.service: no}}
            image: registry.invalid/one:1
          two:
            build: {context: two, tags: ["extra:1"]}
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            for service in ["one", "two"] {
                try machine.write(
                    "FROM scratch\nCOPY Dockerfile /a\nCOPY Dockerfile /\(service)\n",
                    to: "\(service)/Dockerfile"
                )
            }
            try machine.write(Self.project)
            try await body(machine)
        }
    }

    @Test("a number of the progress is one step of one service, and labels say whose an image is")
    func build() async throws {
        try await with { machine in
            let built = try await machine.berth("--progress", "plain", "build")
            try #require(built.status == 0, "\(built.err)")
            let titles = built.err.split(separator: "\n").compactMap { line in
                line.wholeMatch(of: /#(\d+) (\[.*)/).map { (number: $0.1, title: $0.2) }
            }
            #expect(Set(titles.map(\.number)).count == titles.count)
            for service in ["one", "two"] {
                #expect(titles.contains { $0.title.hasPrefix("[\(service) ") }, "\(built.err)")
            }
            let labels = try await machine.berth(
                "image",
                "inspect",
                "--format",
                "{{json .Config.Labels}}",
                "registry.invalid/one:1",
                "\(machine.project)-two"
            )
            let version = #""com.docker.compose.version":"\d+\.\d+\.\d+""#
            let expected = [
                #"\{"com.docker.compose.project":"\#(machine.project)","com.docker.compose.service":"one",\#(version),"mine":"1"\}"#,
                #"\{"com.docker.compose.project":"\#(machine.project)","com.docker.compose.service":"two",\#(version)\}"#,
            ]
            #expect(labels.lines.count == 2)
            for (line, pattern) in zip(labels.lines, expected) {
                #expect(try Regex(pattern).wholeMatch(in: line) != nil, "\(line)")
            }
        }
    }

    @Test("images of other services need not be here")
    func others() async throws {
        try await with { machine in
            try machine.write(
                Self.project + "\n  db: {image: registry.invalid/db:1, pull_policy: never}\n"
            )
            let built = try await machine.berth("build", "-q")
            #expect(built.status == 0, "\(built.err)")
            try machine.write("services: {db: {image: registry.invalid/db:1}}\n")
            #expect(try await machine.berth("build").status == 0)
        }
    }

    @Test("down --rmi local removes them, with a name in the file or without")
    func removal() async throws {
        try await with { machine in
            let built = try await machine.berth("build", "-q")
            try #require(built.status == 0, "\(built.err)")
            let plan = try await machine.berth("--dry-run", "down", "--rmi", "local")
            #expect(
                plan.lines.filter { $0.hasPrefix("remove image") }
                    == ["extra:1", "registry.invalid/one:1", "\(machine.project)-two:latest"]
                    .sorted()
                    .map { "remove image \($0)" }
            )
            let down = try await machine.berth("down", "--rmi", "local")
            #expect(down.status == 0, "\(down.err)")
            #expect(down.err.contains("Image registry.invalid/one:1  Removed"))
            #expect(try await machine.berth("image", "ls", "-q").lines == [])
        }
    }
}
