import Foundation
import Testing
import TestSupport

/// `image build`, and what a compose file says below `build`.
@Suite("root: building images", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct ImageBuildTests {
    static let dockerfile = """
        # syntax=docker/dockerfile:1
        FROM scratch AS base
        ADD base.tar /
        ARG WHO=nobody
        FROM base AS tested
        RUN --mount=type=secret,id=token --mount=type=cache,target=/cache \
            cat /run/secrets/token > /cache/seen; cat /cache/seen; cat /etc/hosts
        # A network namespace of its own is no reason to be without a loopback.
        RUN --network=none read flags < /sys/class/net/lo/flags; test "$flags" = 0x9
        FROM base
        ONBUILD RUN true
        ARG WHO
        LABEL who=$WHO
        CMD ["cat", "/etc/hostname"]

        """

    func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            let made = try await machine.run([
                "/bin/sh", "-ec",
                """
                mkdir -p base/bin app
                cp "$(command -v busybox)" base/bin/busybox
                for word in sh cat true test; do ln -sf busybox base/bin/$word; done
                tar -C base -cf app/base.tar .
                """,
            ])
            try #require(made.status == 0, "\(made.err)")
            try machine.write(Self.dockerfile, to: "app/Dockerfile")
            try machine.write("geheim\n", to: "token")
            try await body(machine)
        }
    }

    @Test("a build that gives what its names lead to already writes nothing, and else it does")
    func unchanged() async throws {
        try await with { machine in
            try machine.write("FROM scratch\nCOPY file /\n", to: "again/Dockerfile")
            var times: [String] = []
            for content in ["a", "a", "b"] {
                try machine.write(content, to: "again/file")
                let built = try await machine.berth("docker", "build", "-q", "-t", "again", "again")
                try #require(built.status == 0, "\(built.err)")
                let format = "{{.Id}} {{.Metadata.LastTagTime}}"
                times += try await machine.berth("image", "inspect", "-f", format, "again").lines
            }
            try #require(times.count == 3)
            #expect(times[0] == times[1])
            #expect(times[0] != times[2])
            // A further name is written down, though the image is known.
            let named = try await machine.berth("docker", "build", "-t", "other", "again")
            try #require(named.status == 0, "\(named.err)")
            #expect(try await machine.berth("image", "inspect", "other").status == 0)
        }
    }

    @Test("an image for another platform is built where nothing of it runs, for services, too")
    func foreign() async throws {
        try await with { machine in
            try machine.write(
                "FROM scratch\nARG TARGETARCH\nCOPY token /$TARGETARCH\n",
                to: "app/Dockerfile"
            )
            try machine.write("x", to: "app/token")
            let built = try await machine.berth(
                "docker",
                "build",
                "--platform",
                "linux/s390x",
                "-t",
                "far",
                "app"
            )
            try #require(built.status == 0, "\(built.err)")
            func platform(_ image: String) async throws -> String {
                let format = "{{.Os}}/{{.Architecture}}"
                return try await machine.berth("image", "inspect", "-f", format, image).out
            }
            #expect(try await platform("far") == "linux/s390x\n")
            // What is built upon it for this machine is told, and upon it for itself is not.
            try machine.write("FROM far\nRUN true\n", to: "app/Dockerfile")
            let run = try await machine.berth("docker", "build", "--platform", "linux/pdp11", "app")
            #expect(run.status == 1, "\(run.err)")
            try machine.write(
                "services:\n  a: {image: a, platform: linux/s390x, build: {context: app}}\n"
                    + "  b: {image: b, build: {context: app, platforms: [linux/s390x]}}\n",
                to: "compose.yaml"
            )
            try machine.write("FROM far\nLABEL a=b\n", to: "app/Dockerfile")
            let services = try await machine.berth("build")
            try #require(services.status == 0, "\(services.err)")
            #expect(try await platform("a") == "linux/s390x\n")
            #expect(try await platform("b") == "linux/s390x\n")
        }
    }

    @Test("a project's Dockerfiles are checked and not built")
    func projectCheck() async throws {
        try await with { machine in
            try machine.write("FROM scratch as base\nCOPY . /\n", to: "app/Dockerfile")
            try machine.write(
                """
                services:
                  web:
                    build: app
                    image: "web:1"
                  other:
                    image: "other:1"
                """,
                to: "compose.yaml"
            )
            let checked = try await machine.berth("build", "--check")
            #expect(checked.status == 1)
            #expect(checked.out.hasPrefix("web: Check complete, 1 warning has been found!\n"))
            #expect(checked.out.contains("FromAsCasing"))
            #expect(try await machine.berth("image", "ls", "-q").out.isEmpty)
            try machine.write("FROM scratch\nCOPY . /\n", to: "app/Dockerfile")
            let clean = try await machine.berth("build", "--check", "web")
            #expect(clean.status == 0)
            #expect(clean.out == "web: Check complete, no warnings found.\n")
        }
    }

    @Test("an image is built from a folder, under its names, as docker build does it")
    func build() async throws {
        try await with { machine in
            let built = try await machine.berth(
                "docker",
                "build",
                "-t",
                "app:1",
                "--tag=app:2",
                "--build-arg",
                "WHO=me",
                "--label",
                "more=yes",
                "--iidfile",
                "id",
                "--progress",
                "plain",
                "app"
            )
            try #require(built.status == 0, "\(built.err)")
            #expect(built.out.isEmpty)
            #expect(built.err.contains("ADD base.tar /"))
            let shown = try await machine.berth(
                "image",
                "inspect",
                "-f",
                "{{.Id}} {{json .Config.Labels}}",
                "app:1",
                "app:2"
            )
            let id = try String(contentsOf: machine.folder.appending(path: "id"), encoding: .utf8)
            #expect(shown.lines == Array(repeating: id + #" {"more":"yes","who":"me"}"#, count: 2))
            let quiet = try await machine.berth("image", "build", "-q", "--build-arg=WHO=me", "app")
            #expect(quiet.lines.count == 1 && quiet.lines[0].hasPrefix("sha256:"))
            #expect(quiet.err.isEmpty)
        }
    }

    @Test("steps have the secrets, hosts and caches that the command line gives them")
    func steps() async throws {
        try await with { machine in
            let built = try await machine.berth(
                "image",
                "build",
                "--target",
                "tested",
                "--secret",
                "id=token,src=token",
                "--add-host",
                "shop:10.1.2.3",
                "--network",
                "none",
                "--progress",
                "plain",
                "app"
            )
            try #require(built.status == 0, "\(built.err)")
            #expect(built.err.contains(" geheim"))
            #expect(built.err.contains("10.1.2.3\tshop"))
            let use = try await machine.berth("system", "df", "-v")
            let mount = try #require(
                use.lines.first { $0.contains("exec.cachemount") },
                "\(use.out)"
            )
            let pruned = try await machine.berth("system", "prune", "-f")
            let isGone = pruned.lines.contains { $0.hasPrefix(mount.prefix(12)) }
            #expect(isGone, "\(pruned.out)")
        }
    }

    @Test("a service's build has what its file says of secrets, hosts and the cache")
    func service() async throws {
        try await with { machine in
            try machine.write(
                """
                services:
                  app:
                    build:
                      context: app
                      target: tested
                      secrets: [token]
                      extra_hosts: ["shop=10.1.2.3"]
                      network: none
                      shm_size: 16m
                      ulimits: {nofile: 100}
                      no_cache: true
                secrets: {token: {file: ./token}}
                """
            )
            for _ in 0..<2 {
                let built = try await machine.berth("--progress", "plain", "build")
                try #require(built.status == 0, "\(built.err)")
                #expect(built.err.contains(" geheim"))
                #expect(built.err.contains("10.1.2.3\tshop"))
            }
        }
    }

    @Test(
        "refuses what it cannot build, in one line",
        arguments: [
            (["gone"], "unable to prepare context: path \"gone\" not found"),
            (["app/Dockerfile"], "is not a folder; name the Dockerfile with --file"),
            (["ftp://127.0.0.1/a"], "a context is a folder, -, an http or https address"),
            (
                ["--sbom", "true", "app"],
                "--sbom: no list of packages is made: that takes a scanner's image"
            ),
            (
                ["--attest", "type=sbom,generator=x", "app"],
                "--attest type=sbom,generator=x: no list of packages is made"
            ),
            (["--provenance", "mode=mean", "app"], "--provenance mode=mean: mode is min or max"),
            (
                ["--provenance", "true", "--attest", "type=provenance", "app"],
                "--attest type=provenance: duplicate attestation field provenance"
            ),
            (["--target", "none", "app"], "target stage \"none\" could not be found"),
            (["--ssh", "default=token", "app"], "is not an agent's socket"),
            (["--secret", "src=token", "app"], "it has no id"),
            (["--allow", "all", "app"], "network.host or security.insecure"),
            (["--add-host", "a:b", "app"], "invalid IP address in add-host"),
            (["--ulimit", "nofile", "app"], "write name=soft[:hard]"),
            (["-f", "gone", "app"], "failed to read dockerfile: "),
        ]
    )
    func refuses(arguments: [String], problem: String) async throws {
        try await with { machine in
            let built = try await machine.run(
                [Products.path("berth"), "image", "build"] + arguments
            )
            #expect(built.status == 1)
            #expect(built.err.contains(problem), "\(built.err)")
        }
    }
}
