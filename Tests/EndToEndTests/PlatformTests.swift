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

        try await makesContainers(machine)

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

    /// `create` and compose files take the image of the platform that is asked for.
    private func makesContainers(_ machine: TestMachine) async throws {
        func image(of container: String) async throws -> String {
            try await Self.docker(machine, "inspect", "-f", "{{.Image}}", container).out
        }
        func image(for platform: String) async throws -> String {
            try await Self.docker(
                machine,
                "image",
                "inspect",
                "--platform",
                platform,
                "-f",
                "{{.Id}}",
                "\(Self.name):1"
            ).out
        }
        let other = try await image(for: "linux/386")
        #expect(try await image(for: "linux/amd64") != other)
        let made = try await Self.docker(
            machine,
            "create",
            "--name",
            "old",
            "--platform",
            "linux/386",
            "\(Self.name):1",
            "x"
        )
        #expect(made.status == 0, "\(made.err)")
        #expect(try await image(of: "old") == other)
        let preset = try await machine.run(
            [TestMachine.berth, "docker", "create", "--name", "preset", "\(Self.name):1", "x"],
            environment: ["DOCKER_DEFAULT_PLATFORM": "linux/386"]
        )
        #expect(preset.status == 0, "\(preset.err)")
        #expect(try await image(of: "preset") == other)
        _ = try await Self.docker(machine, "rm", "old", "preset")

        let file = """
            services:
              old:
                image: \(Self.name):1
                platform: linux/386
                command: x
              new:
                image: \(Self.name):1
                platform: linux/amd64
                command: x
            """
        try machine.write(file, to: "both/compose.yaml")
        let both = machine.folder.appending(path: "both")
        let up = try await machine.run([TestMachine.berth, "create"], in: both)
        #expect(up.status == 0, "\(up.err)")
        #expect(try await image(of: "\(machine.project)-old-1") == other)
        #expect(try await image(of: "\(machine.project)-new-1") == image(for: "linux/amd64"))
        let again = try await machine.run([TestMachine.berth, "plan"], in: both)
        #expect(!again.out.contains("recreate"), "\(again.out)")
        _ = try await machine.run([TestMachine.berth, "down"], in: both)
    }

    @Test("programs that this machine cannot run are refused where the platform is asked for")
    func refused() async throws {
        try await TestMachine.with { machine in
            // No machine has an interpreter for it.
            try machine.write(
                "services:\n  web:\n    image: x\n    platform: linux/mips64le\n",
                to: "compose.yaml"
            )
            let up = try await machine.run([TestMachine.berth, "up", "-d"])
            #expect(up.status == 1)
            #expect(
                up.err.contains("compose.yaml:4:15: services.web.platform: programs of "),
                "\(up.err)"
            )
            #expect(up.err.contains("no interpreter for linux/mips64le is registered"))
            let run = try await Self.docker(machine, "run", "--platform", "linux/mips64le", "x")
            #expect(run.status == 125)
            #expect(run.err.contains("programs of linux/mips64le cannot run: "), "\(run.err)")
            try machine.write("services: {web: {image: x, platform: a/b/c/d}}", to: "compose.yaml")
            let wrong = try await machine.run([TestMachine.berth, "up", "-d"])
            #expect(
                wrong.err.contains(
                    "compose.yaml:1:38: services.web.platform: \"a/b/c/d\" is not a"
                ),
                "\(wrong.err)"
            )
        }
    }
}
