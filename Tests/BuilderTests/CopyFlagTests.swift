import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Builder

@Suite("flags of COPY", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct CopyFlagTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("--exclude leaves out what it names, beneath a source and as a source")
    func excludes() async throws {
        for name in ["src/a.md", "src/b.txt", "src/sub/c.md", "hom.md", "hom.go"] {
            try bench.write("x", to: name)
        }
        let image = try await bench.build(
            """
            FROM scratch
            ARG KIND=md
            COPY --exclude=*.$KIND src /one/
            COPY --exclude=**/*.md src /two/
            COPY --exclude=*.md hom* /three/
            COPY --exclude=sub --exclude=b.txt src /four/
            """
        )
        #expect(try image.names("/one") == ["b.txt", "sub"])
        #expect(try image.names("/one/sub") == ["c.md"])
        #expect(try image.names("/two/sub").isEmpty)
        #expect(try image.names("/three") == ["hom.go"])
        #expect(try image.names("/four") == ["a.md"])
        let text = try await bench.failure("FROM scratch\nCOPY --exclude=!a src /\n")
        #expect(text.contains("dockerfile_inline:2: --exclude=!a: it cannot take in again"))
    }

    @Test("what is excluded is no reason to copy again")
    func excludedChange() async throws {
        try bench.write("1", to: "src/a")
        try bench.write("1", to: "src/log")
        let file = "FROM scratch\nCOPY --exclude=log src /s\n"
        #expect(try await bench.build(file).cached == "R")
        try bench.write("2", to: "src/log")
        #expect(try await bench.build(file).cached == "C")
        try bench.write("2", to: "src/a")
        #expect(try await bench.build(file).cached == "R")
    }

    @Test("--parents keeps the path of a source, from /./ on where that is written")
    func parents() async throws {
        for name in ["x/a.txt", "y/a.txt", "y/z/b.txt", "y/z/c.md"] {
            try bench.write(name, to: name)
        }
        chmod(bench.context.appending("y").string, 0o700)
        let image = try await bench.build(
            """
            FROM scratch
            COPY --parents ./x/a.txt ./y/a.txt /p/
            COPY --parents y/./z/b.txt /q/
            COPY --parents **/*.txt /r/
            COPY --parents y/z /s/
            """
        )
        #expect(try image.text("/p/x/a.txt") == "x/a.txt")
        #expect(try image.mode("/p/y") == "700 0:0")
        #expect(try image.text("/q/z/b.txt") == "y/z/b.txt")
        #expect(try image.names("/r") == ["x", "y"])
        #expect(try image.names("/r/y/z") == ["b.txt"])
        #expect(try image.names("/s/y/z") == ["b.txt", "c.md"])
    }

    @Test("--link depends on what is copied and where it goes, not on the steps before")
    func links() async throws {
        try bench.addBusybox()
        try bench.write("x", to: "file")
        func file(_ before: String) -> String {
            BuildBench.busybox + "RUN \(before)\nCOPY --link file /tmp/\nRUN true\n"
        }
        let first = try await bench.build(file("mkdir -m 1777 /tmp; touch -d @9 /tmp; touch /one"))
        #expect(first.cached == "RRRRR")
        #expect(try first.mode("/tmp") == "1777 0:0")
        let second = try await bench.build(file("mkdir -m 1777 /tmp; touch -d @9 /tmp; touch /two"))
        #expect(second.cached == "CCRCR")
        #expect(try second.names("/") == ["bin", "tmp", "two"])
        #expect(try second.text("/tmp/file") == "x")
        // Another folder to go into is another layer.
        let third = try await bench.build(file("mkdir -m 700 /tmp; touch -d @9 /tmp; touch /two"))
        #expect(third.cached == "CCRRR")
        #expect(try third.mode("/tmp") == "700 0:0")
    }
}
