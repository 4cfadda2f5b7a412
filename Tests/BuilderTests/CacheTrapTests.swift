import ContainerRuntime
import Glibc
import Linux
import OCI
import SystemPackage
import Synchronization
import TestSupport
import Testing

@testable import Builder

/// What carries out a step again and what does not, in the cases that caches are known to get wrong.
/// Each row but that of a cache mount's content was built twice with BuildKit in docker 28.5, too; it agrees with all but two, which it takes
/// for unchanged: two files that change their names, and a hard link in place of a copy, which is one in the image here.
@Suite("root: traps of the cache", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(5)))
struct CacheTrapTests {
    /// A Dockerfile's end, what happens between two builds, and what the second one does: `C` for a
    /// step that it has from the cache, `R` for one that it carries out.
    private struct Row: Sendable {
        var name: String
        var lines: String
        /// The lines of the second build; nil for the same.
        var after: String?
        var expected: String
        var prepare: @Sendable (BuildBench) throws -> Void = { _ in }
        var change: @Sendable (BuildBench) throws -> Void = { _ in }
        var before: @Sendable (inout BuildRequest) -> Void = { _ in }
        var then: @Sendable (inout BuildRequest) -> Void = { _ in }
    }

    private static func path(_ bench: BuildBench, _ name: String) -> String {
        bench.context.appending(name).string
    }

    /// Changes of the files of a `COPY`.
    private static let files: [Row] = [
        Row(name: "nothing", lines: "COPY t /t", expected: "C"),
        Row(name: "a time", lines: "COPY t /t", expected: "C") { _ in
        } change: {
            let times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 2, tv_nsec: 0)]
            #expect(utimensat(AT_FDCWD, path($0, "t/a"), times, 0) == 0)
        },
        Row(name: "an owner, which is root's in the image", lines: "COPY t /t", expected: "C") {
            _ in
        } change: {
            #expect(chown(path($0, "t/a"), 5, 6) == 0)
        },
        Row(name: "a mode alone", lines: "COPY t /t", expected: "R") { _ in
        } change: {
            #expect(chmod(path($0, "t/a"), 0o600) == 0)
        },
        Row(name: "a name", lines: "COPY t /t", expected: "R") { _ in
        } change: {
            #expect(rename(path($0, "t/a"), path($0, "t/c")) == 0)
        },
        Row(name: "two files that change their names", lines: "COPY t /t", expected: "R") { _ in
        } change: {
            #expect(rename(path($0, "t/a"), path($0, "t/c")) == 0)
            #expect(rename(path($0, "t/b"), path($0, "t/a")) == 0)
            #expect(rename(path($0, "t/c"), path($0, "t/b")) == 0)
        },
        Row(name: "a file made anew with the same content", lines: "COPY t /t", expected: "C") {
            _ in
        } change: {
            try $0.write("a", to: "t/new")
            #expect(rename(path($0, "t/new"), path($0, "t/a")) == 0)
        },
        Row(name: "a hard link in place of a copy", lines: "COPY t /t", expected: "R") {
            try $0.write("a", to: "t/a2")
        } change: {
            #expect(unlink(path($0, "t/a2")) == 0)
            #expect(link(path($0, "t/a"), path($0, "t/a2")) == 0)
        },
        Row(name: "an empty folder", lines: "COPY t /t", expected: "R") { _ in
        } change: {
            #expect(mkdir(path($0, "t/empty"), 0o755) == 0)
        },
        Row(name: "where a link leads", lines: "COPY t/d /t", expected: "R") { _ in
        } change: {
            #expect(unlink(path($0, "t/d/l")) == 0)
            #expect(symlink("../b", path($0, "t/d/l")) == 0)
        },
        Row(name: "what a link leads to, outside", lines: "COPY t/d /t", expected: "C") { _ in
        } change: {
            try $0.write("new", to: "t/a")
        },
        Row(
            name: "what a link leads to that is copied itself",
            lines: "COPY t/d/l /t",
            expected: "R"
        ) { _ in
        } change: {
            try $0.write("new", to: "t/a")
        },
        Row(name: "a file that is not copied", lines: "COPY t/a /t\nRUN true", expected: "CC") {
            _ in
        } change: {
            try $0.write("new", to: "t/b")
        },
        Row(name: "a file that is excluded", lines: "COPY t /t", expected: "C") {
            try $0.write("t/b*", to: ".dockerignore")
        } change: {
            try $0.write("new", to: "t/b")
            try $0.write("new", to: "t/b2")
        },
        Row(
            name: "rules of .dockerignore that exclude the same",
            lines: "COPY t/d /t",
            expected: "C"
        ) {
            try $0.write("t/b", to: ".dockerignore")
        } change: {
            try $0.write("t/b*", to: ".dockerignore")
        },
        Row(
            name: "sources in another order",
            lines: "COPY t/a t/b /t/",
            after: "COPY t/b t/a /t/",
            expected: "R"
        ),
    ]

    /// Changes of what a step says.
    private static let lines: [Row] = [
        Row(
            name: "the text of a script",
            lines: "RUN <<E\necho 1\nE",
            after: "RUN <<E\necho 2\nE",
            expected: "R"
        ),
        Row(
            name: "the text of a file",
            lines: "COPY <<E /f\n1\nE",
            after: "COPY <<E /f\n2\nE",
            expected: "R"
        ),
        Row(
            name: "the order of variables",
            lines: "ENV A=1 B=2\nRUN true",
            after: "ENV B=2 A=1\nRUN true",
            expected: "R"
        ),
        Row(
            name: "comments and blanks",
            lines: "# one\nRUN true",
            after: "# two\n\nRUN   true",
            expected: "C"
        ),
        Row(
            name: "labels and ports",
            lines: "LABEL a=1\nRUN true",
            after: "LABEL a=2\nEXPOSE 80\nRUN true",
            expected: "C"
        ),
        Row(
            name: "the shell",
            lines: "RUN true",
            after: "SHELL [\"/bin/sh\", \"-ec\"]\nRUN true",
            expected: "R"
        ),
        Row(name: "the user", lines: "RUN true", after: "USER 5\nRUN true", expected: "R"),
        Row(
            name: "the owner of copies",
            lines: "COPY t/a /a",
            after: "COPY --chown=5 t/a /a",
            expected: "R"
        ),
        Row(
            name: "the name of a cache mount",
            lines: "RUN --mount=type=cache,id=x,target=/c true",
            after: "RUN --mount=type=cache,id=y,target=/c true",
            expected: "C"
        ),
        Row(
            name: "an ARG's default",
            lines: "ARG A=1\nRUN true",
            after: "ARG A=2\nRUN true",
            expected: "R"
        ),
    ]

    /// Changes of what the command line says, and of what is mounted.
    private static let requests: [Row] = [
        given("an ARG that is not used, before RUN", "ARG A\nRUN true", "R"),
        given("an ARG that is not used, before COPY", "ARG A\nCOPY t/a /a", "C"),
        given("an argument that nobody declares", "RUN true", "C"),
        given("an ARG that a later step reads", "RUN true\nARG A\nRUN echo $A", "CR"),
        Row(
            name: "a secret",
            lines: "RUN --mount=type=secret,id=s cat /run/secrets/s",
            expected: "C",
            before: { $0.secrets["s"] = .value([1]) },
            then: { $0.secrets["s"] = .value([2]) }
        ),
        Row(
            name: "a file that is mounted",
            lines: "RUN --mount=type=bind,source=t/a,target=/a cat /a",
            expected: "R"
        ) { _ in
        } change: {
            try $0.write("new", to: "t/a")
        },
        Row(
            name: "one beside a file that is mounted",
            lines: "RUN --mount=type=bind,source=t/a,target=/a cat /a",
            expected: "C"
        ) { _ in
        } change: {
            try $0.write("new", to: "t/b")
        },
        Row(
            name: "the content of a cache mount",
            lines: "RUN --mount=type=cache,id=z,target=/c echo x >> /c/count\nRUN true",
            expected: "CC"
        ),
        Row(
            name: "lines of /etc/hosts",
            lines: "RUN true",
            expected: "R",
            then: { $0.extraHosts = [ExtraHost(name: "x", address: "1.2.3.4")] }
        ),
    ]

    private static func given(_ name: String, _ lines: String, _ expected: String) -> Row {
        Row(
            name: name,
            lines: lines,
            expected: expected,
            before: { $0.arguments["A"] = "1" },
            then: { $0.arguments["A"] = "2" }
        )
    }

    @Test("files, lines, arguments and mounts")
    func table() async throws {
        let bench = try BuildBench()
        try bench.addBusybox()
        var tally = Tally("traps of the cache")
        for (number, row) in (Self.files + Self.lines + Self.requests).enumerated() {
            try removeTree(bench.context.appending("t"))
            try removeTree(bench.context.appending(".dockerignore"))
            try bench.write("a", to: "t/a")
            try bench.write("b", to: "t/b")
            try bench.write("x", to: "t/d/x")
            #expect(symlink("../a", Self.path(bench, "t/d/l")) == 0)
            try row.prepare(bench)
            // No row finds what an earlier one made.
            let start = BuildBench.busybox + "WORKDIR /row/\(number)\n"
            let first = try await bench.build("\(start)\(row.lines)\n", row.before)
            let steps = String(repeating: "R", count: row.expected.count)
            #expect(first.cached.suffix(row.expected.count) == steps, "\(row.name)")
            try row.change(bench)
            let request: (inout BuildRequest) -> Void = {
                row.before(&$0)
                row.then(&$0)
            }
            let second = try await bench.build("\(start)\(row.after ?? row.lines)\n", request)
            let found = second.cached.suffix(row.expected.count)
            tally.check(found == row.expected, "\(row.name): \(found), not \(row.expected)")
        }
        tally.report()
    }

    @Test("a base image that moved counts by its layers and variables")
    func base() async throws {
        let bench = try BuildBench()
        try bench.addBusybox()
        let base = try await bench.build(BuildBench.busybox).result
        let moved = try await bench.build(BuildBench.busybox + "COPY busybox /other\n").result
        var labelled = base.base
        labelled.configuration.config.labels["a"] = "b"
        var variable = base.base
        variable.configuration.config.environment.append("A=b")
        let text = "FROM base\nRUN true\n"
        #expect(try await bench.build(text, images: ["base": base.base]).cached == "R")
        for (image, expected) in [
            (base.base, "C"), (labelled, "C"), (variable, "R"), (moved.base, "R"),
        ] {
            #expect(try await bench.build(text, images: ["base": image]).cached == expected)
        }
    }

    /// A server whose one file changes.
    private final class Server: Sendable {
        let content = Mutex("one")
        let asked = Mutex(0)

        @Sendable func download(
            _ address: String,
            _ known: RemoteFileMark?,
            _ target: FilePath
        ) async throws -> RemoteFileMark? {
            asked.withLock { $0 += 1 }
            let text = content.withLock { $0 }
            if known?.entityTag == text { return nil }
            try atomicWrite(Array(text.utf8), to: target, synced: false)
            var mark = RemoteFileMark()
            mark.entityTag = text
            return mark
        }
    }

    @Test("a file at an address is asked for each time, and counts when it changed")
    func address() async throws {
        let bench = try BuildBench()
        let server = Server()
        let text = "FROM scratch\nADD http://host/file /f\n"
        for (content, expected) in [("one", "R"), ("one", "C"), ("two", "R"), ("two", "C")] {
            server.content.withLock { $0 = content }
            let image = try await bench.build(text) { $0.download = server.download }
            #expect(image.cached == expected)
            #expect(try image.text("/f") == content)
        }
        #expect(server.asked.withLock { $0 } >= 4)
    }
}
