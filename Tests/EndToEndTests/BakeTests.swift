import Foundation
import Testing
import TestSupport

/// `buildx bake` with the built programs; how its files are read is in `Tests/BakeTests`.
@Suite("root: bake", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct BakeCommandTests {
    private static let file = """
        variable "TAG" { default = "1" }
        group "default" { targets = ["app", "mx"] }
        target "app" {
          context = "app"
          contexts = { base = "target:base" }
          args = { A = "v${TAG}" }
          tags = ["app:${TAG}"]
        }
        target "base" {
          dockerfile-inline = "FROM scratch\\nLABEL from=base\\n"
        }
        target "mx" {
          name = "mx-${v}"
          matrix = { v = ["a", "b"] }
          dockerfile-inline = "FROM scratch\\nARG V\\nLABEL v=$V\\n"
          args = { V = v }
          tags = ["mx:${v}"]
        }
        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try machine.write(Self.file, to: "docker-bake.hcl")
            try machine.write("FROM base\nARG A\nLABEL a=$A\nCOPY f /f\n", to: "app/Dockerfile")
            try machine.write("1\n", to: "app/f")
            try await body(machine)
        }
    }

    private func labels(_ image: String, _ machine: TestMachine) async throws -> String {
        let shown = try await machine.berth(
            "docker",
            "image",
            "inspect",
            "-f",
            "{{json .Config.Labels}}",
            image
        )
        return shown.out.trimmingCharacters(in: .newlines)
    }

    @Test("targets are built, upon each other, and those for others alone leave no image")
    func builds() async throws {
        try await with { machine in
            let built = try await machine.berth(
                "docker",
                "buildx",
                "bake",
                "--progress=plain",
                "--metadata-file",
                "m.json"
            )
            try #require(built.status == 0, "\(built.err)")
            #expect(try await labels("app:1", machine) == #"{"a":"v1","from":"base"}"#)
            #expect(try await labels("mx:a", machine) == #"{"v":"a"}"#)
            #expect(try await labels("mx:b", machine) == #"{"v":"b"}"#)
            let images = try await machine.berth("docker", "image", "ls", "-q")
            #expect(images.out.split(separator: "\n").count == 3)
            let read = try await machine.run([
                "/bin/sh", "-c", "grep -c containerimage.digest m.json",
            ])
            #expect(read.out == "3\n")
        }
    }

    @Test("variables, --set and names of targets choose what is built")
    func chooses() async throws {
        try await with { machine in
            let built = try await machine.berth(
                "docker",
                "bake",
                "--set",
                "app.args.A=set",
                "app",
                environment: ["TAG": "7"]
            )
            try #require(built.status == 0, "\(built.err)")
            #expect(try await labels("app:7", machine) == #"{"a":"set","from":"base"}"#)
            let shown = try await machine.berth("builder", "bake", "--print", "mx-a")
            #expect(shown.out.contains("\"tags\": [\n        \"mx:a\"\n      ]"))
            #expect(!shown.out.contains("mx-b"))
        }
    }

    @Test("what is wrong is told at its place, with the line, before anything is built")
    func wrong() async throws {
        try await with { machine in
            try machine.write("target \"a\" {\n  tags = [nope]\n}\n", to: "bad.hcl")
            let refused = try await machine.berth("builder", "bake", "-f", "bad.hcl", "a")
            #expect(refused.status == 1)
            #expect(refused.err.contains("bad.hcl:2:11: target.a.tags: there is no variable nope"))
            #expect(refused.err.contains("2 |   tags = [nope]"))
            let images = try await machine.berth("docker", "image", "ls", "-q")
            #expect(images.out.isEmpty)
        }
    }

    @Test("build --print gives the services as a bake file, with absolute paths")
    func composePrint() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                "name: shop\nservices:\n  web:\n    image: web:1\n    build: {context: c, args: {A: x}}\n"
                    + "  db:\n    build: {context: c}\n  other: {image: box}\n"
                    + "  upon:\n    build: {context: c, additional_contexts: {base: 'service:db'}}\n",
                to: "compose.yaml"
            )
            try machine.write("FROM scratch\nARG A\nLABEL a=$A\n", to: "c/Dockerfile")
            let printed = try await machine.berth("build", "--print", "--no-cache", "web")
            try #require(printed.status == 0, "\(printed.err)")
            let folder = machine.folder.path()
            let root = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
            #expect(printed.out.contains("\"context\": \"\(root)/c\""), "\(printed.out)")
            #expect(printed.out.contains("\"dockerfile\": \"\(root)/c/Dockerfile\""))
            #expect(printed.out.contains("\"com.docker.compose.service\": \"web\""))
            #expect(printed.out.contains("\"no-cache\": true"))
            #expect(!printed.out.contains("\"db\""))
            let upon = try await machine.berth("build", "--print", "upon")
            #expect(upon.out.contains(#""base": "target:db""#), "\(upon.out)\(upon.err)")
            #expect(upon.out.contains("\"db\": {") && !upon.out.contains("\"web\": {"))
            // It is a bake file.
            try machine.write(printed.out, to: "printed.json")
            let built = try await machine.berth("builder", "bake", "-f", "printed.json")
            try #require(built.status == 0, "\(built.err)")
            #expect(try await labels("web:1", machine).contains(#""a":"x""#))
        }
    }

    @Test("services of a compose file are targets")
    func compose() async throws {
        try await TestMachine.with { machine in
            try machine.write(
                "services:\n  web.x:\n    image: web:1\n    build:\n      dockerfile_inline: |\n"
                    + "        FROM scratch\n        LABEL a=b\n      tags: [web:2]\n",
                to: "compose.yaml"
            )
            let shown = try await machine.berth("builder", "bake", "--print")
            #expect(shown.out.contains("\"web_x\": {"), "\(shown.err)")
            #expect(shown.out.contains("\"web:1\",\n        \"web:2\""))
            let built = try await machine.berth("builder", "bake")
            try #require(built.status == 0, "\(built.err)")
            #expect(try await labels("web:2", machine) == #"{"a":"b"}"#)
        }
    }
}
