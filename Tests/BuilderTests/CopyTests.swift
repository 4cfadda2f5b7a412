import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@testable import Builder

@Suite("COPY", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(2)))
struct CopyTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    @Test("a file goes under its name, or into a folder")
    func files() async throws {
        try bench.write("one", to: "one", mode: 0o640)
        try bench.write("two", to: "deep/two", mode: 0o755)
        let image = try await bench.build(
            """
            FROM scratch
            COPY one /renamed
            COPY one deep/two /dir/
            WORKDIR /work
            COPY one .
            COPY deep ./deeper
            COPY one new/sub/name
            """
        )
        #expect(try image.text("/renamed") == "one")
        #expect(try image.text("/dir/one") == "one")
        #expect(try image.text("/dir/two") == "two")
        #expect(try image.text("/work/one") == "one")
        #expect(try image.text("/work/deeper/two") == "two")
        #expect(try image.text("/work/new/sub/name") == "one")
        #expect(try image.mode("/renamed") == "640 0:0")
        #expect(try image.mode("/dir/two") == "755 0:0")
        #expect(try image.mode("/dir") == "755 0:0")
        #expect(image.leftovers.isEmpty)
    }

    @Test(
        "several sources and a destination without a slash: one after another, as BuildKit",
        arguments: [
            ("COPY a b dst", ["dst": "b"]), ("ADD a b dst", ["dst": "b"]),
            ("COPY [ab] dst", ["dst": "b"]), ("COPY --link a b dst", ["dst": "b"]),
            ("COPY d a dst", ["dst/x": "x", "dst/a": "a"]),
            ("COPY a dst/\nCOPY a b dst", ["dst/a": "a", "dst/b": "b"]),
            ("COPY a dst\nCOPY a b dst", ["dst": "b"]),
            ("COPY d d dst", ["dst/x": "x"]),
            ("COPY <<A <<B dst\n1\nA\n2\nB", ["dst": "2\n"]),
        ]
    )
    func severalWithoutSlash(lines: String, files: [FilePath: String]) async throws {
        try bench.write("a", to: "a")
        try bench.write("b", to: "b")
        try bench.write("x", to: "d/x")
        let image = try await bench.build("FROM scratch\n\(lines)\n")
        for (path, content) in files { #expect(try image.text(path) == content, "\(path)") }
    }

    @Test("a folder gives its content, with modes, times, links and hard links")
    func folder() async throws {
        try bench.write("a", to: "src/a", mode: 0o4755)
        try bench.write("b", to: "src/sub/b")
        let source = bench.context.appending("src")
        symlink("../nowhere", source.appending("link").string)
        link(source.appending("a").string, source.appending("sub/again").string)
        chmod(source.appending("sub").string, 0o700)
        let times = [timespec(tv_sec: 1000, tv_nsec: 5), timespec(tv_sec: 2000, tv_nsec: 7)]
        utimensat(AT_FDCWD, source.appending("sub/b").string, times, 0)
        utimensat(AT_FDCWD, source.appending("sub").string, times, 0)
        chown(source.appending("a").string, 1234, 1234)
        chmod(source.appending("a").string, 0o4755)
        let image = try await bench.build("FROM scratch\nCOPY src /dst\n")
        #expect(try image.names("/dst") == ["a", "link", "sub"])
        #expect(try image.mode("/dst/a") == "4755 0:0")
        #expect(try image.mode("/dst/sub") == "700 0:0")
        #expect(try image.facts("/dst/sub/b")?.modified == .init(seconds: 2000, nanoseconds: 7))
        #expect(try image.facts("/dst/sub")?.modified == .init(seconds: 2000, nanoseconds: 7))
        #expect(try image.facts("/dst/link")?.kind == .link)
        #expect(try image.facts("/dst/a")?.linkCount == 2)
        #expect(try image.facts("/dst/sub/again")?.inode == image.facts("/dst/a")?.inode)
    }

    @Test("owners and modes can be chosen")
    func ownersAndModes() async throws {
        try bench.write("x", to: "tree/x")
        try bench.write("root:x:0:0::/:\nweb:x:7:8::/:\n", to: "etc/passwd")
        try bench.write("staff:x:50:\n", to: "etc/group")
        let image = try await bench.build(
            """
            FROM scratch
            ARG OWNER=12
            COPY etc /etc
            COPY --chown=$OWNER:34 --chmod=0600 tree/x /made/x
            COPY --chown=web tree /web
            COPY --chown=web:staff --chmod=u=rwX,go=rX tree /both
            """
        )
        #expect(try image.mode("/made/x") == "600 12:34")
        #expect(try image.mode("/made") == "600 12:34")
        #expect(try image.mode("/web/x") == "644 7:8")
        #expect(try image.mode("/both") == "755 7:50")
        #expect(try image.mode("/both/x") == "644 7:50")
    }

    @Test("folders merge, files are replaced")
    func merging() async throws {
        try bench.write("1", to: "first/keep")
        try bench.write("1", to: "first/sub/replaced")
        try bench.write("2", to: "second/sub/replaced")
        try bench.write("2", to: "second/sub/new")
        let image = try await bench.build(
            "FROM scratch\nCOPY first /d\nCOPY second /d\nCOPY first/keep /d/sub/new\n"
        )
        #expect(try image.names("/d/sub") == ["new", "replaced"])
        #expect(try image.text("/d/keep") == "1")
        #expect(try image.text("/d/sub/replaced") == "2")
        #expect(try image.text("/d/sub/new") == "1")
    }

    @Test("wildcards match in every element; nothing matched is nothing copied")
    func wildcards() async throws {
        for name in ["src/a.c", "src/b.c", "src/c.h", "lib/d.c"] { try bench.write(name, to: name) }
        let image = try await bench.build(
            "FROM scratch\nCOPY */[a-b].c /one/\nCOPY s?c/*.h /h\nCOPY *.none /two/\n"
        )
        #expect(try image.names("/one") == ["a.c", "b.c"])
        #expect(try image.text("/h") == "src/c.h")
        #expect(try image.names("/") == ["h", "one"])
    }

    @Test("what is ignored is not there")
    func ignored() async throws {
        try bench.write("*\n!keep\n!dir/*.md\n", to: ".dockerignore")
        for name in ["keep", "drop", "dir/a.md", "dir/b.txt", "other/c"] {
            try bench.write(name, to: name)
        }
        let image = try await bench.build("FROM scratch\nCOPY . /all/\n")
        #expect(try image.names("/all") == ["dir", "keep"])
        #expect(try image.names("/all/dir") == ["a.md"])
        #expect(
            try await bench.failure("FROM scratch\nCOPY drop /x\n")
                .contains("\"/drop\": excluded by .dockerignore")
        )
    }

    @Test("a link among the sources is followed inside of the context only")
    func links() async throws {
        try bench.write("real", to: "dir/real")
        let context = bench.context
        symlink("dir/real", context.appending("good").string)
        symlink("dir", context.appending("gooddir").string)
        symlink("/etc/passwd", context.appending("absolute").string)
        symlink("../../../../../etc/passwd", context.appending("climbing").string)
        symlink("/etc", context.appending("folder").string)
        let image = try await bench.build(
            "FROM scratch\nCOPY good /x\nCOPY gooddir/real /y\nCOPY gooddir /z\n"
        )
        #expect(try image.text("/x") == "real")
        #expect(try image.text("/y") == "real")
        #expect(try image.names("/z") == ["real"])
        for source in ["absolute", "climbing", "folder/passwd", "folder/*", "folder"] {
            let text = try await bench.failure("FROM scratch\nCOPY \(source) /x/\n")
            #expect(text.contains("forbidden path outside the build context"), "\(source): \(text)")
        }
    }

    @Test("parents of a source cannot be climbed")
    func dots() async throws {
        try bench.write("inside", to: "etc/hostname")
        let image = try await bench.build("FROM scratch\nCOPY ../../../etc/hostname /x\n")
        #expect(try image.text("/x") == "inside")
    }

    @Test("links of the image lead a destination only inside of the image")
    func destinationLinks() async throws {
        try bench.write("data", to: "data")
        symlink("/real", bench.context.appending("abs").string)
        symlink("../../../../../../real", bench.context.appending("up").string)
        let canary = bench.path.appending("canary")
        symlink(canary.string, bench.context.appending("host").string)
        try bench.write("x", to: "links/.keep")
        for name in ["abs", "up", "host"] {
            rename(
                bench.context.appending(name).string,
                bench.context.appending("links/" + name).string
            )
        }
        let image = try await bench.build(
            """
            FROM scratch
            COPY links /
            COPY data /real/
            COPY data /abs/one
            COPY data /up/two
            COPY data /host
            """
        )
        #expect(try image.names("/real") == ["data", "one", "two"])
        #expect(try image.text(FilePath(canary.string)) == "data")
        #expect(access(canary.string, F_OK) != 0)
    }

    @Test("other stages, images and named contexts give files too")
    func origins() async throws {
        try bench.write("context", to: "file")
        let other = bench.path.appending("other")
        try makeDirectories(other, mode: 0o755)
        try atomicWrite(Array("named".utf8), to: other.appending("file"), mode: 0o644)
        let base = try await bench.build("FROM scratch\nCOPY --chown=9:9 file /image/file\n")
        let image = try await bench.build(
            """
            FROM scratch AS first
            COPY --chown=5:6 file /stage/file
            FROM scratch
            COPY --from=first /stage/file /a
            COPY --from=0 stage /b
            COPY --from=Extra file /c
            COPY --from=busy:1 /image/ /d/
            COPY --from=built image/* /e
            """,
            images: ["busy:1": base.result.base]
        ) { request in
            request.namedContexts = [
                "extra": .directory(other), "built": .built([base.result.base]),
            ]
        }
        #expect(try image.text("/a") == "context")
        #expect(try image.mode("/a") == "644 5:6")
        #expect(try image.text("/b/file") == "context")
        #expect(try image.text("/c") == "named")
        #expect(try image.mode("/c") == "644 0:0")
        #expect(try image.mode("/d/file") == "644 9:9")
        #expect(try image.text("/e") == "context")
    }

    @Test("a source that is not there is named as it is written", arguments: ["/s", "s", "./s"])
    func missing(source: String) async throws {
        // Of a link it is the link's own name that the file says.
        try bench.addBusybox()
        let message = try await bench.failure(
            BuildBench.busybox + "RUN ln -s /gone /s\nFROM scratch\nCOPY --from=0 \(source) /x\n"
        )
        #expect(message.contains(": \"/s\": not found in stage 0"), "\(message)")
    }

    @Test("here-documents become files")
    func heredocs() async throws {
        let image = try await bench.build(
            """
            FROM scratch
            ENV NAME=you
            COPY <<one <<"two" /dir/
            hello $NAME, "quoted" \\$NAME a\\b
            one
            hello $NAME
            two
            COPY --chmod=755 <<-END /script
            \t#!/bin/sh
            \tEND
            """
        )
        #expect(try image.text("/dir/one") == "hello you, \"quoted\" $NAME ab\n")
        #expect(try image.text("/dir/two") == "hello $NAME\n")
        #expect(try image.text("/script") == "#!/bin/sh\n")
        #expect(try image.mode("/script") == "755 0:0")
        #expect(try image.mode("/dir/one") == "644 0:0")
    }

    @Test(
        "what cannot be copied says why",
        arguments: [
            ("COPY none /x", "\"/none\": not found in the build context"),
            ("COPY a dir /x", "cannot copy to a non-directory"),
            ("COPY dir /file", "cannot copy to a non-directory"),
            ("COPY dir/. /over/", "cannot copy a directory over a file"),
            ("COPY a /file/a", "is not a directory"),
            ("COPY --from=none:1 a /x", "nobody may ask for"),
            ("COPY --chown=nobody a /x", "unable to find user nobody"),
            ("COPY --chmod=rwx a /x", "invalid --chmod rwx"),
            ("COPY ${A:?none} /x", "A: none"),
            ("COPY fifo* /x", "cannot be copied"),
        ]
    )
    func failures(line: String, reason: String) async throws {
        try bench.write("a", to: "a")
        try bench.write("b", to: "b")
        try bench.write("c", to: "dir/sub/c")
        try bench.write("d", to: "overlap/sub")
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = bench.context.appending("fifo-no-socket").string
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        let text = try await bench.failure(
            "FROM scratch\nCOPY a /file\nCOPY overlap /over\n\(line)\n"
        )
        #expect(text.contains(reason), "\(text)")
        #expect(text.contains("dockerfile_inline:4"), "\(text)")
    }
}
