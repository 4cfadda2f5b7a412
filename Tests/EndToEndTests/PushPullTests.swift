import Foundation
import Testing
import TestSupport

@Suite(
    "root: images travel",
    .tags(.root),
    .enabled(if: isRoot && DebianRegistry.isInstalled, "needs root and docker-registry"),
    .timeLimit(.minutes(3))
)
struct PushPullTests {
    /// A machine with a registry and an image `localhost:5000/app:1` with a large layer.
    private static func with(
        layerMegabytes: Int = 1,
        _ body: (TestMachine, LocalRegistry) async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            let registry = try await LocalRegistry(on: machine)
            do {
                let data = try machine.write("", to: "context/data").path()
                try await machine.run(
                    ["/bin/sh", "-c", "head -c \(layerMegabytes << 20) /dev/urandom > \(data)"]
                )
                try machine.write(
                    "FROM scratch\nCOPY data /data\nCOPY Dockerfile /etc/\nCMD [\"/data\"]\n",
                    to: "context/Dockerfile"
                )
                try machine.write(
                    """
                    services:
                      app:
                        build: context
                        image: localhost:5000/app:1
                    """
                )
                let built = try await machine.berth("build", "-q")
                #expect(built.status == 0, "\(built.err)")
                try await body(machine, registry)
            } catch {
                try await registry.end()
                throw error
            }
            try await registry.end()
        }
    }

    @Test("push, again, elsewhere, away, and back: docker's words and the same digests")
    func classic() async throws {
        try await Self.with { machine, _ in
            let first = try await machine.berth("image", "push", "localhost:5000/app:1")
            #expect(first.status == 0, "\(first.err)")
            #expect(first.lines.first == "The push refers to repository [localhost:5000/app]")
            #expect(first.lines.filter { $0.hasSuffix(": Pushed") }.count == 2)
            let summary = try #require(
                first.lines.last?.wholeMatch(of: /1: digest: (sha256:[0-9a-f]{64}) size: \d+/)
            )
            let digest = String(summary.1)

            let again = try await machine.berth("docker", "push", "localhost:5000/app:1")
            #expect(again.lines.filter { $0.hasSuffix(": Layer already exists") }.count == 2)
            #expect(again.lines.last == first.lines.last)

            try await machine.berth("image", "tag", "localhost:5000/app:1", "localhost:5000/team/b")
            let mounted = try await machine.berth("image", "push", "localhost:5000/team/b")
            #expect(mounted.lines.first == "Using default tag: latest")
            #expect(mounted.lines.filter { $0.hasSuffix(": Mounted from app") }.count == 2)
            #expect(mounted.lines.last?.hasPrefix("latest: digest: \(digest) size: ") == true)

            let other = ["BERTH_ROOT": machine.folder.path() + "/other"]
            let pulled = try await machine.berth(
                "image",
                "pull",
                "localhost:5000/team/b",
                environment: other
            )
            #expect(pulled.status == 0, "\(pulled.err)")
            #expect(
                pulled.lines.prefix(2) == [
                    "Using default tag: latest", "latest: Pulling from team/b",
                ]
            )
            #expect(pulled.lines.filter { $0.hasSuffix(": Pull complete") }.count == 2)
            #expect(
                pulled.lines.suffix(3) == [
                    "Digest: \(digest)",
                    "Status: Downloaded newer image for localhost:5000/team/b:latest",
                    "localhost:5000/team/b:latest",
                ]
            )
            let current = try await machine.berth(
                "docker",
                "pull",
                "localhost:5000/team/b",
                environment: other
            )
            #expect(
                current.lines.dropFirst(2) == [
                    "Digest: \(digest)",
                    "Status: Image is up to date for localhost:5000/team/b:latest",
                    "localhost:5000/team/b:latest",
                ]
            )
            let quiet = try await machine.berth(
                "image",
                "pull",
                "-q",
                "localhost:5000/app@\(digest)",
                environment: other
            )
            #expect(quiet.out == "localhost:5000/app@\(digest)\n")
            #expect(quiet.err == "")
        }
    }

    @Test("all tags go and come")
    func allTags() async throws {
        try await Self.with { machine, _ in
            try await machine.berth("image", "tag", "localhost:5000/app:1", "localhost:5000/app:2")
            let pushed = try await machine.berth("image", "push", "-a", "localhost:5000/app")
            let tags = pushed.lines.compactMap {
                $0.wholeMatch(of: /(\d): digest: .*/).map { String($0.1) }
            }
            #expect(tags == ["1", "2"])
            let pulled = try await machine.berth(
                "image",
                "pull",
                "--all-tags",
                "localhost:5000/app",
                environment: ["BERTH_ROOT": machine.folder.path() + "/other"]
            )
            #expect(pulled.lines.contains("1: Pulling from app"))
            #expect(pulled.lines.contains("2: Pulling from app"))
            #expect(pulled.lines.last == "localhost:5000/app")
            let refused = try await machine.berth("image", "push", "-a", "localhost:5000/app:1")
            #expect(refused.status == 1)
            #expect(refused.err == "tag can't be used with --all-tags/-a\n")
        }
    }

    @Test("two processes that want the same layer fetch it once")
    func sharedDownload() async throws {
        try await Self.with(layerMegabytes: 48) { machine, registry in
            try await machine.berth("image", "push", "-q", "localhost:5000/app:1")
            let other = ["BERTH_ROOT": machine.folder.path() + "/other"]
            let berth = TestMachine.berth
            let command = [berth, "image", "pull", "-q", "localhost:5000/app:1"]
            let programs = try (0..<3).map { _ in
                try machine.start(command, environment: other)
            }
            for program in programs {
                let output = try await program.end()
                #expect(output.status == 0, "\(output.err)")
            }
            let requests = try await registry.end()
            let blobs = requests.filter { $0.hasPrefix("GET /v2/app/blobs/") }
            let counts = Dictionary(grouping: blobs, by: \.self).mapValues(\.count)
            // The configuration, which is small, is everybody's own.
            #expect(counts.values.filter { $0 > 1 }.count <= 1)
            #expect(counts.count == 3)
        }
    }

    @Test("a project's images are pushed and pulled, failures and all")
    func project() async throws {
        try await Self.with { machine, _ in
            try machine.write(
                """
                services:
                  app:
                    build: context
                    image: localhost:5000/app:1
                  cache:
                    image: localhost:5000/none:1
                """
            )
            let pushed = try await machine.berth("push")
            #expect(pushed.status == 0, "\(pushed.err)")
            #expect(pushed.err.contains("Image localhost:5000/app:1  Pushed"))
            #expect(pushed.err.contains("Service cache  Skipped: It is not built here"))

            let failed = try await machine.berth("pull")
            #expect(failed.status == 1)
            #expect(failed.err.contains("Image localhost:5000/app:1  Pulled"))
            #expect(failed.err.contains("cache: "))
            let ignored = try await machine.berth("pull", "--ignore-pull-failures", "-q")
            #expect(ignored.status == 0)
            #expect(ignored.err.hasPrefix("warning: cache: "))
            let missing = try await machine.berth("pull", "--policy", "missing", "app")
            #expect(missing.err.contains("Service app  Skipped: Image is already present locally"))
            let some = try await machine.berth("pull", "--ignore-buildable", "app")
            #expect(some.err.contains("Service app  Skipped: Image can be built"))
        }
    }

    @Test("a pull of what only a build gives fails, and says what to build")
    func buildable() async throws {
        try await Self.with { machine, _ in
            try machine.write(
                """
                services:
                  app:
                    build: context
                    image: localhost:5000/never:1
                """
            )
            for (flag, status) in [("--policy=always", 1), ("--ignore-pull-failures", 0)] {
                let pulled = try await machine.berth("pull", flag)
                #expect(pulled.status == status, "\(flag)")
                #expect(pulled.err.contains("`berth build app`"))
                #expect(pulled.err.contains("app: "), "\(pulled.err)")
            }
            let ignored = try await machine.berth("pull", "--ignore-buildable")
            #expect(ignored.status == 0)
            #expect(ignored.err.contains("Service app  Skipped: Image can be built"))
        }
    }

    @Test("progress as JSON is an object a line")
    func json() async throws {
        try await Self.with { machine, _ in
            let pushed = try await machine.berth(
                "image",
                "push",
                "--progress",
                "json",
                "localhost:5000/app:1"
            )
            let objects = try pushed.err.split(separator: "\n").map { line in
                try #require(
                    try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                )
            }
            #expect(!objects.isEmpty)
            #expect(objects.allSatisfy { $0["id"] is String && $0["status"] is String })
            let layers = objects.filter {
                $0["parent_id"] as? String == "Image localhost:5000/app:1"
            }
            #expect(layers.contains { $0["text"] as? String == "Pushed" })
            #expect(layers.contains { $0["total"] is Int && $0["current"] is Int })
            #expect(pushed.lines.last?.hasPrefix("1: digest: ") == true)
        }
    }

    @Test("Ctrl-C gives the terminal its cursor back")
    func interrupted() async throws {
        try await Self.with { machine, registry in
            try registry.pause()
            let screen = machine.folder.appending(path: "screen")
            let berth = TestMachine.berth
            let program = try machine.start([
                "/usr/bin/script", "-qefc",
                "echo $$ > pid; TERM=xterm exec \(berth) image pull localhost:5000/other:1",
                screen.path(),
            ])
            func shown() -> String {
                // Until the program has begun there is no file.
                (try? String(contentsOf: screen, encoding: .utf8)) ?? ""
            }
            try await machine.until("progress is drawn") { shown().contains("\u{1B}[?25l") }
            try await machine.run(["/bin/sh", "-c", "kill -INT $(cat pid)"])
            let output = try await program.end()
            #expect(output.status == 130)
            #expect(shown().contains("[+] Running 0/1"))
            let last = try #require(shown().ranges(of: "\u{1B}[?25").last)
            #expect(shown()[last.upperBound...].hasPrefix("h"))
            try registry.resume()
        }
    }

    @Test("signatures that cannot be checked are a refusal")
    func contentTrust() async throws {
        try await TestMachine.with { machine in
            for arguments in [["pull", "x"], ["push", "x"]] {
                let output = try await machine.run(
                    [TestMachine.berth, "image"] + arguments,
                    environment: ["DOCKER_CONTENT_TRUST": "1"]
                )
                #expect(output.status == 1)
                #expect(output.err.hasPrefix("content trust is not supported"))
            }
        }
    }
}
