import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@testable import Builder

@Suite(
    "Where a Dockerfile and its rules are found",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct DockerfileFileTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("a Dockerfile is found in the context, its rules beside it")
    func dockerfilePath() async throws {
        try bench.write("FROM scratch\nCOPY . /\n", to: "dockerfile")
        try bench.write("x", to: "skipped")
        try bench.write("skipped\n", to: "dockerfile.dockerignore")
        try bench.write("*\n", to: ".dockerignore")
        let image = try await bench.build("") { $0.dockerfile = .path("Dockerfile") }
        #expect(try image.names("/") == [".dockerignore", "dockerfile", "dockerfile.dockerignore"])
        let failure = try await bench.failure("") { $0.dockerfile = .path("none") }
        #expect(failure.hasSuffix("failed to read dockerfile: No such file or directory"))
    }

    @Test("a Dockerfile or its rules that are no file are refused, and not waited for")
    func noFiles() async throws {
        let rules = bench.context.appending(".dockerignore")
        #expect(mkfifo(rules.string, 0o644) == 0)
        #expect(
            try await bench.failure("FROM scratch\nCOPY x /\n")
                == "dockerfile_inline: \(rules): it is not a regular file"
        )
        try removeTree(rules)
        try bench.write("good\n[\n", to: ".dockerignore")
        #expect(
            try await bench.failure("FROM scratch\nCOPY x /\n")
                == "dockerfile_inline: \(rules):2: syntax error in pattern: ["
        )
        #expect(mkfifo(bench.context.appending("Fifo").string, 0o644) == 0)
        let failure = try await bench.failure("") { $0.dockerfile = .path("Fifo") }
        #expect(failure.hasSuffix("failed to read dockerfile: it is not a regular file"))
    }
}
