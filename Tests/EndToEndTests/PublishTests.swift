import Foundation
import Testing
import TestSupport

/// Compose files that go to a registry and come back from it.
@Suite(
    "root: published projects",
    .tags(.root),
    .enabled(if: isRoot && DebianRegistry.isInstalled),
    .timeLimit(.minutes(2))
)
struct PublishTests {
    private func with(
        _ body: (TestMachine, _ berth: @Sendable ([String]) async throws -> TestMachine.Output)
            async throws -> Void
    ) async throws {
        try await TestMachine.with { machine in
            try await machine.importBox("sh sleep env")
            let registry = try await LocalRegistry(on: machine)
            let cache = machine.folder.appending(path: "cache").path()
            let berth: @Sendable ([String]) async throws -> TestMachine.Output = { words in
                try await machine.run(
                    [TestMachine.berth] + words,
                    environment: ["XDG_CACHE_HOME": cache]
                )
            }
            do { try await body(machine, berth) } catch {
                try await registry.end()
                throw error
            }
            try await registry.end()
        }
    }

    @Test("what is published is what runs: files, env files, extended files, of -f and of include")
    func roundTrip() async throws {
        try await with { machine, berth in
            try machine.write(
                """
                services:
                  web:
                    extends: {file: base/base.yaml, service: base}
                    env_file: web.env
                    environment: {COLOR: "${COLOR:-red}"}
                """
            )
            try machine.write("services: {web: {labels: {over: yes}}}\n", to: "over.yaml")
            try machine.write("FROM_FILE=1\n", to: "web.env")
            try machine.write("FROM_BASE=2\n", to: "base/base.env")
            try machine.write(
                """
                services:
                  base:
                    image: box
                    init: true
                    command: sleep 1000
                    env_file: [base.env]
                """,
                to: "base/base.yaml"
            )
            let name = "localhost:5000/shop/app:1"
            let files = ["-f", "compose.yaml", "-f", "over.yaml"]
            let refused = try await berth(files + ["publish", name])
            #expect(refused.status == 1 && refused.err.contains("--with-env"), "\(refused.err)")
            let asked = try await berth(files + ["publish", "--with-env", name])
            #expect(
                asked.status == 0 && asked.out.contains("FROM_FILE=1"),
                "\(asked.out)\(asked.err)"
            )
            #expect(try await berth(["-f", "oci://\(name)", "config"]).err.contains("not"))
            let published = try await berth(files + ["publish", "-y", name])
            try #require(published.status == 0, "\(published.err)")
            let far = try await berth(["-p", machine.project, "-f", "oci://\(name)", "config"])
            let near = try await berth(["-p", machine.project] + files + ["config"])
            #expect(far.status == 0 && far.out == near.out, "\(far.out)\(far.err)\n\(near.out)")
            try machine.write("include: ['oci://\(name)']\n", to: "including.yaml")
            let included = try await berth(["-f", "including.yaml", "config"])
            #expect(included.out.contains("FROM_BASE"), "\(included.out)\(included.err)")
            // Nobody is there to answer.
            let unanswered = try await berth(["-f", "oci://\(name)", "up", "-d"])
            #expect(unanswered.status == 1, "\(unanswered.out)")
            #expect(unanswered.out.contains("COLOR"), "\(unanswered.out)\(unanswered.err)")
            let up = try await berth(["-f", "oci://\(name)", "up", "-d", "-y"])
            #expect(up.status == 0, "\(up.err)")
            let seen = try await berth(["-f", "oci://\(name)", "exec", "-T", "web", "env"])
            for line in ["FROM_FILE=1", "FROM_BASE=2", "COLOR=red"] {
                #expect(seen.lines.contains(line), "\(seen.out)\(seen.err)")
            }
            #expect(try await berth(["-f", "oci://\(name)", "down"]).status == 0)
        }
    }

    @Test("what is no compose project, and what cannot be published")
    func refusals() async throws {
        try await with { machine, berth in
            let image = "localhost:5000/box:1"
            for words in [["image", "tag", "box", image], ["image", "push", "-q", image]] {
                try #require(try await berth(words).status == 0)
            }
            let wrong = try await berth(["-f", "oci://\(image)", "config"])
            #expect(wrong.status == 1 && wrong.err.contains("no compose project"), "\(wrong.err)")
            try machine.write("services: {a: {build: .}}\n")
            let built = try await berth(["publish", "-y", "localhost:5000/a"])
            #expect(built.status == 1 && built.err.contains("- \"a\""), "\(built.err)")
            try machine.write("services: {a: {image: '\(image)', volumes: ['./x:/x']}}\n")
            let bound = try await berth(["publish", "localhost:5000/a"])
            #expect(bound.status == 0 && bound.out.contains("/x:/x:rw"), "\(bound.out)\(bound.err)")
            let version = try await berth([
                "publish", "-y", "--oci-version", "1.2", "localhost:5000/a",
            ])
            #expect(version.status == 1 && version.err.contains("1.2"), "\(version.err)")
            let pinned = try await berth(
                [
                    "publish", "-y", "--oci-version", "1.0", "--resolve-image-digests",
                    "localhost:5000/a",
                ]
            )
            try #require(pinned.status == 0, "\(pinned.err)")
            let config = try await berth(["-f", "oci://localhost:5000/a", "config", "--images"])
            #expect(
                config.out.contains("localhost:5000/box:1@sha256:"),
                "\(config.out)\(config.err)"
            )
        }
    }
}
