import Foundation
import Testing
import TestSupport

/// Docker's classic sequence with images, without a registry.
@Suite(
    "root: image commands",
    .tags(.root),
    .enabled(if: isRoot, "needs root"),
    .timeLimit(.minutes(3))
)
struct ImageCommandTests {
    /// A machine with an image `one:1` of two layers and `two`, which shares the lower one.
    private func prepare(_ machine: TestMachine) async throws {
        try machine.write("first", to: "a")
        try machine.write("second", to: "b")
        try machine.write(
            "FROM scratch\nCOPY a /a\nLABEL k=v\nCOPY b /b\nCMD [\"/a\"]\n",
            to: "Dockerfile"
        )
        try machine.write("FROM scratch\nCOPY a /a\n", to: "Second")
        try machine.write(
            """
            services:
              one: {build: ., image: "one:1"}
              two: {build: {context: ., dockerfile: Second}, image: two}
            """
        )
        let built = try await machine.berth("build", "-q")
        try #require(built.status == 0, "\(built.err)")
    }

    @Test("tag, look, untag, delete")
    func classic() async throws {
        try await TestMachine.with { machine in
            try await prepare(machine)
            func docker(_ arguments: String...) async throws -> TestMachine.Output {
                try await machine.run(
                    [TestMachine.berth, "docker"] + arguments
                )
            }
            #expect(try await docker("tag", "one:1", "uno:2").out.isEmpty)
            let id = try await docker("images", "-q", "--no-trunc", "uno").lines.first ?? ""
            #expect(id.hasPrefix("sha256:"))
            #expect(
                try await docker("images", "--format", "{{.Repository}}:{{.Tag}}").lines.sorted()
                    == ["one:1", "two:latest", "uno:2"]
            )
            #expect(try await docker("images", "-q", "-f", "label=k=v").lines.count == 2)
            #expect(
                try await docker(
                    "inspect",
                    "-f",
                    "{{.Os}} {{len .RepoTags}} {{.Config.Cmd}}",
                    "uno:2"
                )
                .out == "linux 2 [/a]\n"
            )
            let history = try await docker("history", "--format", "{{.CreatedBy}}", "one:1")
            #expect(history.lines.count == 4 && history.lines.first == "CMD [\"/a\"]")
            let use = try await docker("system", "df", "--format", "{{.Type}}:{{.TotalCount}}")
            #expect(use.lines.contains("Images:2"))

            let several = try await docker("rmi", String(id.dropFirst(7).prefix(12)))
            #expect(several.status == 1 && several.err.contains("must be forced"))
            let untagged = try await docker("rmi", "one:1", "nosuch")
            #expect(untagged.status == 1 && untagged.out == "Untagged: one:1\n")
            #expect(untagged.err.hasSuffix("No such image: nosuch:latest\n"))
            let deleted = try await docker("rmi", "uno:2")
            #expect(deleted.lines.prefix(2) == ["Untagged: uno:2", "Deleted: \(id)"])

            // The build cache still has its layers, so that nothing is carried out again.
            let again = try await machine.berth("build", "--progress", "plain")
            #expect(again.err.contains("CACHED"), "\(again.err)")

            let no = try await docker("image", "prune", "-a")
            #expect(no.status == 0 && no.out.hasSuffix("continue? [y/N] \n"))
            let pruned = try await docker("system", "prune", "-af")
            #expect(pruned.lines.first == "Deleted Images:")
            #expect(pruned.out.contains("untagged: one:1\n"))
            #expect(try await docker("images", "-q").out.isEmpty)
            let layers = machine.folder.appending(path: "root/layers").path()
            #expect(try FileManager.default.contentsOfDirectory(atPath: layers).isEmpty)
        }
    }

    @Test("all sizes are those of the files, and agree")
    func sizes() async throws {
        try await TestMachine.with { machine in
            try await prepare(machine)
            func docker(_ arguments: String...) async throws -> TestMachine.Output {
                try await machine.run(
                    [TestMachine.berth, "docker"] + arguments
                )
            }
            let size = "{{.Size}} {{.VirtualSize}}"
            #expect(try await docker("images", "--format", size, "one").out == "11B 11B\n")
            #expect(try await docker("inspect", "-f", "{{.Size}}", "one:1").out == "11\n")
            let history = try await docker("history", "-H=false", "--format", "{{.Size}}", "one:1")
            #expect(history.lines == ["0", "6", "0", "5"], "\(history.err)")
            let use = try await docker("system", "df", "--format", "{{.Type}} {{.Size}}")
            // The files, and the blobs that the images came as.
            let blobs = try await machine.run(["sh", "-c", "cat root/blobs/sha256/* | wc -c"])
            let bytes = try #require(
                Double(blobs.out.trimmingCharacters(in: .whitespacesAndNewlines))
            )
            let taken = String(format: "%.3gkB", (bytes + 11) / 1000)
            #expect(use.lines.first == "Images \(taken)")
            let template =
                "{{range .Images}}{{.Repository}} {{.Size}} {{.SharedSize}} {{.UniqueSize}}"
            let each = try await docker(
                "system",
                "df",
                "-v",
                "--format",
                template + "{{println}}{{end}}"
            )
            #expect(each.lines.sorted() == ["one 11B 5B 6B", "two 5B 5B 0B"], "\(each.err)")
            let all = try await docker("system", "df", "-v", "--format", "json")
            #expect(all.out.hasPrefix(#"{"Images":[{"Containers":"0","#), "\(all.out)")
            #expect(try await docker("system", "df", "-v").out.contains("UNIQUE SIZE"))
            let tree = try await docker("images", "--tree")
            #expect(tree.out.contains("IMAGE        ID             DISK USAGE"), "\(tree.out)")
            #expect(tree.lines.contains { $0.hasPrefix("two:latest   ") })
            let both = try await docker("images", "--tree", "-q")
            #expect(both.status == 1 && both.err == "--quiet is not yet supported with --tree\n")
        }
    }

    @Test("config.json says how images are listed when nobody else does")
    func settings() async throws {
        try await TestMachine.with { machine in
            try await prepare(machine)
            func docker(_ arguments: String...) async throws -> TestMachine.Output {
                try await machine.run(
                    [TestMachine.berth, "docker"] + arguments
                )
            }
            try machine.write(
                #"{"imagesFormat":"{{.Repository}}!","pruneFilters":["label!=k=v"]}"#,
                to: ".docker/config.json"
            )
            #expect(try await docker("images").lines.sorted() == ["one!", "two!"])
            #expect(try await docker("images", "-q", "one").out.count == 13)
            let asked = try await docker("images", "--format", "{{.Tag}}", "one")
            #expect(asked.out == "1\n")
            // The label keeps it.
            let pruned = try await docker("image", "prune", "-af")
            #expect(pruned.out.contains("untagged: two:latest\n"))
            #expect(try await docker("images").lines == ["one!"])
            try machine.write(#"{"imagesFormat":"{{.Nothing}}"}"#, to: ".docker/config.json")
            let broken = try await docker("images")
            #expect(broken.status == 1 && broken.err.contains("imagesFormat in "))
        }
    }

    @Test("a platform that an image is not for is refused with its own")
    func platforms() async throws {
        try await TestMachine.with { machine in
            try await prepare(machine)
            for command in [
                ["image", "inspect"], ["history"], ["rmi"], ["save", "-o", "saved.tar"],
            ] {
                let output = try await machine.run(
                    [TestMachine.berth, "docker"] + command
                        + ["--platform", "linux/s390x", "one:1"]
                )
                #expect(output.status == 1, "\(command)")
                #expect(
                    output.err.contains("does not match the specified platform (linux/s390x)"),
                    "\(command): \(output.err)"
                )
            }
            #expect(try await machine.berth("docker", "history", "one:1").status == 0)
        }
    }

    @Test("the doctor says what confines the unpacker")
    func doctor() async throws {
        try await TestMachine.with { machine in
            let report = try await machine.berth("doctor", "--format", "json")
            for what in ["seccomp", "landlock"] {
                #expect(
                    report.lines.contains { $0.contains(#""What":"\#(what)""#) },
                    "\(report.out)"
                )
            }
        }
    }

    @Test("what docker has and berth has not is refused by name, with docker's codes")
    func refusals() async throws {
        try await TestMachine.with { machine in
            for (line, status, words) in [
                (["scout", "x"], Int32(1), "'docker scout' is not supported: "),
                (["nosuch"], 1, "unknown command: docker nosuch"),
                (["images", "--foo"], 125, "unknown flag: --foo"),
                (["images", "-f", "bad"], 125, "invalid argument"),
                (
                    ["images", "-f", "bad"], 125,
                    "Usage:  docker images [OPTIONS] [REPOSITORY[:TAG]]"
                ),
                (["images", "-q=x"], 125, "Usage:  docker images [OPTIONS] [REPOSITORY[:TAG]]"),
                (["rmi"], 1, "docker: 'docker rmi' requires at least 1 argument"),
                (["tag", "x"], 1, "docker: 'docker tag' requires 2 arguments"),
                (["pull"], 1, "Usage:  docker pull [OPTIONS] NAME[:TAG|@DIGEST]"),
                (["image", "export"], 1, "docker: unknown command: docker image export"),
                (["help", "nosuch"], 1, "unknown help topic: nosuch"),
                (
                    ["pull", "Foo"], 1,
                    "invalid reference format: repository name (library/Foo) must"
                ),
                (["rmi", "Foo"], 1, "Error response from daemon: invalid reference format"),
                (["export", "nosuch"], 1, "Error response from daemon: No such container: nosuch"),
                (["inspect", "--type", "foo", "x"], 1, "unknown type: \"foo\""),
                (["history", "--platform", "a/b/c/d", "x"], 1, "invalid platform \"a/b/c/d\""),
                (["login", "-ux", "-p-y", "--nope"], 125, "unknown flag: --nope"),
                (["images", "-f", "x=1"], 1, "invalid filter 'x'"),
                (["-H", "ssh://there", "images"], 125, "this machine only"),
            ] {
                let output = try await machine.run(
                    [TestMachine.berth, "docker"] + line
                )
                #expect(output.status == status, "\(line)")
                #expect(output.err.contains(words), "\(output.err)")
            }
        }
    }
}
