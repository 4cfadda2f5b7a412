import Foundation
import Testing
import TestSupport

@Suite(
    "root: one name, several platforms",
    .tags(.root),
    .enabled(if: isRoot && DebianRegistry.isInstalled, "needs root and docker-registry"),
    .timeLimit(.minutes(3))
)
struct PlatformTests {
    private static let name = "localhost:5000/multi"

    private static func docker(
        _ machine: TestMachine,
        _ arguments: String...
    ) async throws -> TestMachine.Output {
        try await machine.run(
            [TestMachine.berth, "docker"] + arguments
        )
    }

    /// Puts `multi:1` into the registry, an index of an image for amd64 and one for 386, and leaves
    /// nothing of it here.
    private static func prepare(_ machine: TestMachine) async throws {
        var entries: [String] = []
        for platform in ["amd64", "386"] {
            try machine.write(platform, to: "files/name")
            try await machine.run(["tar", "-C", "files", "-cf", "files.tar", "name"])
            let tag = "\(name):\(platform)"
            let made = try await docker(
                machine,
                "import",
                "--platform",
                "linux/\(platform)",
                "files.tar",
                tag
            )
            try #require(made.status == 0, "\(made.err)")
            let pushed = try await docker(machine, "push", tag)
            let summary = try #require(
                pushed.lines.last?.firstMatch(of: /digest: (sha256:[0-9a-f]{64}) size: (\d+)/),
                "\(pushed.err)"
            )
            entries.append(
                """
                {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\(summary.1)",\
                "size":\(summary.2),"platform":{"os":"linux","architecture":"\(platform)"}}
                """
            )
            try #require(try await docker(machine, "rmi", tag).status == 0)
        }
        let type = "application/vnd.oci.image.index.v1+json"
        let index = """
            {"schemaVersion":2,"mediaType":"\(type)","manifests":[\(entries.joined(separator: ","))]}
            """
        try machine.write(
            """
            PUT /v2/multi/manifests/1 HTTP/1.1\r
            Host: localhost:5000\r
            Content-Type: \(type)\r
            Content-Length: \(index.utf8.count)\r
            Connection: close\r
            \r
            \(index)
            """,
            to: "request"
        )
        let answer = try await machine.run(
            ["/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/5000; cat request >&3; cat <&3"]
        )
        try #require(answer.out.hasPrefix("HTTP/1.1 201"), "\(answer.out)")
    }

    @Test("each can be looked at, saved and removed by its platform")
    func platforms() async throws {
        try await TestMachine.with { machine in
            let registry = try await LocalRegistry(on: machine)
            do {
                try await Self.prepare(machine)
                try await check(machine)
            } catch {
                try await registry.end()
                throw error
            }
            try await registry.end()
        }
    }

    private func check(_ machine: TestMachine) async throws {
        func docker(_ arguments: String...) async throws -> TestMachine.Output {
            try await machine.run(
                [TestMachine.berth, "docker"] + arguments
            )
        }
        func architecture(_ platform: String) async throws -> TestMachine.Output {
            try await docker(
                "image",
                "inspect",
                "--platform",
                platform,
                "-f",
                "{{.Architecture}}",
                "\(Self.name):1"
            )
        }
        for platform in ["linux/386", "linux/amd64"] {
            let pulled = try await docker("pull", "--platform", platform, "\(Self.name):1")
            #expect(pulled.out.contains("Status: Downloaded newer image"), "\(pulled.err)")
        }
        #expect(try await architecture("linux/386").out == "386\n")
        #expect(try await architecture("linux/amd64").out == "amd64\n")
        let preset = try await machine.run(
            [
                TestMachine.berth, "docker", "pull",
                "\(Self.name):1",
            ],
            environment: ["DOCKER_DEFAULT_PLATFORM": "linux/s390x"]
        )
        #expect(preset.status == 1 && preset.err.contains("linux/s390x"), "\(preset.err)")

        let tree = try await docker("images", "--tree")
        let lines = tree.lines.dropFirst(2)
        #expect(lines.count == 3, "\(tree.out)")
        #expect(lines.first?.hasPrefix("\(Self.name):1   ") == true)
        #expect(lines.dropFirst().first?.hasPrefix("├─ linux/amd64 ") == true)
        #expect(lines.last?.hasPrefix("└─ linux/386 ") == true)
        #expect(lines.allSatisfy { !$0.contains(" 0B") }, "\(tree.out)")

        let removed = try await docker("rmi", "--platform", "linux/386", "\(Self.name):1")
        #expect(removed.out.hasPrefix("Deleted: sha256:"), "\(removed.out)\(removed.err)")
        #expect(try await architecture("linux/386").status == 1)
        #expect(try await architecture("linux/amd64").out == "amd64\n")
        let half = try await docker("images", "--tree")
        #expect(half.lines.last?.contains(" 0B ") == true, "\(half.out)")
        let last = try await docker("rmi", "--platform", "linux/amd64", "\(Self.name):1")
        #expect(last.out.hasPrefix("Untagged: \(Self.name):1\n"), "\(last.out)\(last.err)")
        #expect(try await docker("images", "-q").out.isEmpty)
    }
}
