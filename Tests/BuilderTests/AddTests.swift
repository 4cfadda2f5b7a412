import Foundation
import Glibc
import Linux
import OCI
import SystemPackage
import Synchronization
import TestSupport
import Testing

@testable import Builder

@Suite("ADD", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct AddTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    /// Packs folders of the context with the tar of this machine.
    private func pack(_ name: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/tar")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: bench.context.string)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "tar \(arguments)")
    }

    private func tree() throws {
        try bench.write("a", to: "t/a", mode: 0o640)
        try bench.write("b", to: "t/d/b")
        let owned = ["t", "t/a", "t/d", "t/d/b"]
        for name in owned { chown(bench.context.appending(name).string, 5, 6) }
    }

    @Test(
        "archives are unpacked by content, whatever they are called",
        arguments: ["", "z", "j", "J"]
    )
    func archives(compression: String) async throws {
        try tree()
        try pack("x", ["c\(compression)f", "x.bin", "-C", "t", "."])
        let image = try await bench.build("FROM scratch\nADD x.bin /to\n")
        #expect(try image.text("/to/a") == "a")
        #expect(try image.mode("/to/a") == "640 5:6")
        #expect(try image.mode("/to/d") == "755 5:6")
        #expect(try image.mode("/to") == "755 0:0")
        #expect(image.result.configuration.history.map(\.createdBy) == ["ADD x.bin /to # buildkit"])
        #expect(image.leftovers.isEmpty)
    }

    @Test("what is no archive is copied as COPY does")
    func plain() async throws {
        try bench.write("text", to: "file.tar")
        let content = [0x1f, 0x8b, 8, 0] + Array("not gzip at all".utf8)
        try atomicWrite(content, to: bench.context.appending("odd.gz"), mode: 0o644, synced: false)
        try tree()
        try pack("t", ["czf", "t.tgz", "-C", "t", "a"])
        let image = try await bench.build(
            """
            FROM scratch
            ADD --chmod=600 --chown=1:2 file.tar odd.gz t /x/
            ADD --unpack=false t.tgz /y/
            """
        )
        #expect(try image.text("/x/file.tar") == "text")
        #expect(try image.mode("/x/file.tar") == "600 1:2")
        #expect(try image.names("/x") == ["a", "d", "file.tar", "odd.gz"])
        #expect(try image.names("/y") == ["t.tgz"])
    }

    @Test("an archive takes other owners, and keeps its modes")
    func owners() async throws {
        try tree()
        try pack("t", ["cf", "t.tar", "-C", "t", "."])
        let image = try await bench.build("FROM scratch\nADD --chown=3:4 --chmod=600 t.tar /n\n")
        #expect(try image.mode("/n") == "755 3:4")
        #expect(try image.mode("/n/a") == "640 3:4")
        #expect(try image.mode("/n/d") == "755 3:4")
    }

    @Test("what an archive does not describe stays as it is, what is in its way goes")
    func merging() async throws {
        try bench.addBusybox()
        try tree()
        try pack("t", ["cf", "implied.tar", "-C", "t", "d/b"])
        try pack("t", ["cf", "whole.tar", "-C", "t", "d", "a"])
        let image = try await bench.build(
            BuildBench.busybox + """
                RUN mkdir -p /x/d /real /y/a && chmod 700 /x/d && ln -s /real /y/d && touch /y/a/f
                ADD implied.tar /x
                ADD implied.tar /y
                ADD whole.tar /y
                """
        )
        #expect(try image.mode("/x/d") == "700 0:0")
        #expect(try image.text("/x/d/b") == "b")
        // A folder that only leads to a file follows the link; one that is described replaces it.
        #expect(try image.text("/real/b") == "b")
        #expect(try image.facts("/y/d")?.kind == .folder)
        #expect(try image.text("/y/a") == "a")
    }

    @Test("an archive cannot write outside of its destination")
    func hostile() async throws {
        try bench.write("x", to: "t/x")
        try pack("t", ["cPf", "evil.tar", "--transform=s,^,../../,", "t/x"])
        let text = try await bench.failure("FROM scratch\nADD evil.tar /to\n")
        #expect(text.contains("\"..\" would leave the layer"), "\(text)")
        #expect(text.contains("dockerfile_inline:2"), "\(text)")
        symlink("/etc", bench.context.appending("t/etc").string)
        try pack("t", ["cf", "link.tar", "-C", "t", "etc", "x"])
        let image = try await bench.build("FROM scratch\nADD link.tar /to\nADD t/x /to/etc/x\n")
        #expect(try image.text("/etc/x") == "x")
    }

    @Test("a change in an archive, its owner or its unpacking is noticed")
    func key() async throws {
        try tree()
        try pack("t", ["cf", "t.tar", "-C", "t", "a"])
        let file = "FROM scratch\nADD t.tar /x\n"
        #expect(try await bench.build(file).cached == "R")
        #expect(try await bench.build(file).cached == "C")
        #expect(try await bench.build("FROM scratch\nCOPY t.tar /x\n").cached == "R")
        #expect(try await bench.build("FROM scratch\nADD --unpack=false t.tar /x\n").cached == "R")
        #expect(try await bench.build("FROM scratch\nADD --chown=1 t.tar /x\n").cached == "R")
        try pack("t", ["cf", "t.tar", "-C", "t", "d"])
        #expect(try await bench.build(file).cached == "R")
    }

    /// A server that has one file and counts who asks.
    private final class Server: Sendable {
        struct State {
            var content = "one"
            var tag = "1"
            var asked = 0
            var sent = 0
        }
        let state = Mutex(State())

        @Sendable func download(
            _ address: String,
            _ known: RemoteFileMark?,
            _ target: FilePath
        ) async throws -> RemoteFileMark? {
            let (content, tag) = state.withLock { state in
                state.asked += 1
                if known?.entityTag != state.tag { state.sent += 1 }
                return (state.content, state.tag)
            }
            if known?.entityTag == tag { return nil }
            try atomicWrite(Array(content.utf8), to: target, synced: false)
            var mark = RemoteFileMark()
            mark.entityTag = tag
            mark.modifiedSeconds = 1_000_000
            return mark
        }
    }

    @Test("an address is downloaded when it has changed, and only then")
    func address() async throws {
        let server = Server()
        let file = "FROM scratch\nADD https://example.org/some/file.txt?x=1 /dir/\n"
        let first = try await bench.build(file) { $0.download = server.download }
        #expect(try first.text("/dir/file.txt") == "one")
        #expect(try first.mode("/dir/file.txt") == "600 0:0")
        #expect(try first.facts("/dir/file.txt")?.modified.seconds == 1_000_000)
        #expect(try await bench.build(file) { $0.download = server.download }.cached == "C")
        #expect(server.state.withLock { $0.sent } == 1)
        server.state.withLock { ($0.content, $0.tag) = ("two", "2") }
        let changed = try await bench.build(file) { $0.download = server.download }
        #expect(changed.cached == "R")
        #expect(try changed.text("/dir/file.txt") == "two")
        #expect(first.leftovers.isEmpty)
    }

    @Test("a checksum is compared, and makes asking needless")
    func checksum() async throws {
        let server = Server()
        let digest = Digest.of(Array("one".utf8))
        let file = "FROM scratch\nARG SUM=\(digest)\nADD --checksum=$SUM http://a/b /c\n"
        #expect(try await bench.build(file) { $0.download = server.download }.cached == "R")
        #expect(try await bench.build(file) { $0.download = server.download }.cached == "C")
        #expect(server.state.withLock { $0.asked } == 1)
        let other = Digest.of(Array("two".utf8))
        let wrong = "FROM scratch\nADD --checksum=\(other) http://a/b /c\n"
        let text = try await bench.failure(wrong) { $0.download = server.download }
        #expect(text.contains("digest mismatch \(digest): \(other)"), "\(text)")
    }

    @Test(
        "refuses what it cannot add",
        arguments: [
            ("ADD --checksum=sha256:00 http://a/b /c", "invalid checksum sha256:00"),
            (
                "ADD --checksum=sha256:00 http://a/b http://a/c /c/",
                "checksum can't be specified for multiple sources"
            ),
            (
                "ADD --checksum=sha256:00 a /c",
                "checksum can't be specified for non-HTTP(S) sources"
            ),
            (
                "ADD https://github.com/a/b.git /c",
                "https://github.com/a/b.git: getting a repository takes the program git"
            ),
            ("ADD git@github.com:a/b /c", "git@github.com:a/b: getting a repository takes"),
            ("ADD --keep-git-dir=true a /c", "keep-git-dir can't be specified for non-git"),
            ("ADD http://a/ /c/", "cannot determine filename for source http://a/"),
        ]
    )
    func refuses(line: String, problem: String) async throws {
        let server = Server()
        let text = try await bench.failure("FROM scratch\n\(line)\n") {
            $0.download = server.download
        }
        #expect(text.contains("dockerfile_inline:2: \(problem)"), "\(text)")
    }
}
