import Foundation
import Testing
import TestSupport

/// The builder itself: its caches, its mounts, its names.
extension ImageBuildTests {
    @Test("a cache mount begins with what from says, and goes elsewhere and back as an archive")
    func mounts() async throws {
        try await with { machine in
            try machine.write(
                """
                FROM scratch AS seed
                COPY token /seed/first
                FROM scratch
                ADD base.tar /
                ARG N
                RUN --mount=type=cache,id=m,from=seed,source=/seed,target=/c \
                    cat /c/first; test ! -e /c/count || cat /c/count; echo $N >> /c/count

                """,
                to: "app/Dockerfile"
            )
            try machine.write("geheim\n", to: "app/token")
            func build(_ number: Int) async throws -> TestMachine.Output {
                let built = try await machine.berth(
                    "docker",
                    "build",
                    "--progress=plain",
                    "--build-arg",
                    "N=\(number)",
                    "app"
                )
                try #require(built.status == 0, "\(built.err)")
                return built
            }
            #expect(try await build(1).err.contains(" geheim\n"))
            let exported = try await machine.run([
                "/bin/sh", "-ec",
                "\(TestMachine.berth) builder mount export m > m.tar && tar -tf m.tar",
            ])
            #expect(exported.out.contains("first") && exported.out.contains("count"), "\(exported)")
            let pruned = try await machine.berth(
                "builder",
                "prune",
                "-f",
                "--filter",
                "type=exec.cachemount"
            )
            try #require(pruned.status == 0, "\(pruned.err)")
            let none = try await machine.berth("builder", "mount", "export", "m")
            #expect(none.status == 1 && none.err.contains("there is none of this identifier"))
            let imported = try await machine.berth("builder", "mount", "import", "m", "m.tar")
            #expect(imported.status == 0 && imported.out == "m\n", "\(imported.err)")
            let again = try await build(2)
            #expect(again.err.contains(" geheim\n") && again.err.contains(" 1\n"), "\(again.err)")
            try machine.write("no archive", to: "none.tar")
            let refused = try await machine.berth("builder", "mount", "import", "m", "none.tar")
            #expect(refused.status == 1 && refused.err.contains("none.tar is not a tar archive"))
        }
    }

    @Test("the cache is listed, pruned and kept below what the user says, as buildx does it")
    func cache() async throws {
        try await with { machine in
            try machine.write(
                """
                FROM scratch AS base
                ADD base.tar /
                FROM base AS more
                RUN --mount=type=cache,target=/cache cat /etc/hosts > /cache/seen
                RUN echo 123456 > /big

                """,
                to: "app/Dockerfile"
            )
            func ids(_ filter: String..., field: String = "ID") async throws -> [String] {
                let arguments = filter.flatMap { ["--filter", $0] }
                let listed = try await machine.run(
                    [TestMachine.berth, "docker", "buildx", "du", "--format", "{{.\(field)}}"]
                        + arguments
                )
                #expect(listed.status == 0, "\(listed.err)")
                return listed.lines
            }
            let built = try await machine.berth("docker", "build", "-q", "-t", "app", "app")
            try #require(built.status == 0, "\(built.err)")
            #expect(try await ids().count == 4)
            #expect(try await ids("type=exec.cachemount").count == 1)
            #expect(try await ids("shared").count == 3)
            #expect(try await ids("until=1h").isEmpty)
            let verbose = try await machine.berth("builder", "du", "--verbose")
            #expect(verbose.out.contains("Description:  ADD base.tar /\n"))
            #expect(verbose.out.contains("Usage count:  1\n"))
            let none = try await machine.berth("builder", "prune", "-f", "--filter", "until=1h")
            #expect(none.out == "Total:\t0B\n")
            // Images keep what they have; the mount is nobody's.
            let mounts = try await machine.berth("docker", "builder", "prune", "-f")
            #expect(mounts.out.split(separator: "\n").count == 3, "\(mounts.out)")
            #expect(try await ids().count == 3)
            let removed = try await machine.berth("image", "rm", "-f", "app")
            #expect(removed.status == 0, "\(removed.err)")
            #expect(try await ids("private", field: "Size").contains("7B"))
            let bounded = try await machine.berth(
                "docker",
                "build",
                "-q",
                "--target=base",
                "app",
                environment: ["BERTH_BUILD_CACHE_MAX": "1"]
            )
            try #require(bounded.status == 0, "\(bounded.err)")
            #expect(try await !ids("private", field: "Size").contains("7B"))
            let everything = try await machine.berth("builder", "prune", "-af")
            #expect(everything.status == 0)
            #expect(try await ids().isEmpty)
            let bad = try await machine.berth("builder", "prune", "-f", "--filter", "until=x")
            #expect(bad.status == 1)
            #expect(bad.err.contains("\"until\" filter expects a duration"))
        }
    }

    @Test("the builder answers to the name that a script gives it, and says what was built")
    func builders() async throws {
        try await with { machine in
            try machine.write("FROM scratch\nADD base.tar /\n", to: "app/Dockerfile")
            let made = try await machine.berth(
                "docker",
                "buildx",
                "create",
                "--name",
                "ci",
                "--driver",
                "docker-container",
                "--use"
            )
            try #require(made.lines == ["ci"], "\(made.err)")
            let listed = try await machine.berth(
                "docker",
                "buildx",
                "ls",
                "--format",
                "{{.Name}} {{.DriverEndpoint}}"
            )
            #expect(
                listed.lines == [
                    "default docker", " \\_ default  \\_ default", "ci* docker",
                    " \\_ ci0  \\_ default",
                ]
            )
            let shown = try await machine.berth("docker", "buildx", "inspect", "--bootstrap")
            #expect(shown.out.hasPrefix("Name:          ci\nDriver:        docker\n"))
            let built = try await machine.berth(
                "docker",
                "buildx",
                "build",
                "--builder=ci",
                "-qt",
                "app:1",
                "--metadata-file",
                "told",
                "app"
            )
            try #require(built.status == 0, "\(built.err)")
            let told = try String(
                contentsOf: machine.folder.appending(path: "told"),
                encoding: .utf8
            )
            let id = try #require(built.lines.first)
            #expect(told.contains("\"containerimage.config.digest\": \"\(id)\""))
            #expect(told.contains("\"image.name\": \"docker.io/library/app:1\""))
            let removed = try await machine.berth("docker", "buildx", "rm", "ci")
            #expect(removed.err == "ci removed\n")
            let other = try await machine.berth("docker", "build", "--builder", "ci", "app")
            #expect(other.status == 1)
            #expect(other.err.contains("no builder \"ci\" found"))
            let missing = try await machine.berth(
                "docker",
                "build",
                "--secret",
                "id=x,src=/nosuch",
                "app"
            )
            #expect(missing.status == 1)
            #expect(missing.err.contains("failed to stat /nosuch: stat /nosuch: no such file"))
        }
    }
}
