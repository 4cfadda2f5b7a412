import Foundation
import Testing
import TestSupport

/// Results of `image build` that are files, archives or images, as buildx 0.29.1 gives them.
@Suite(
    "root: where builds' results go",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct BuildResultTests {
    private static let dockerfile = """
        FROM scratch AS base
        COPY --chown=33:33 app/a /d/
        COPY --chmod=4755 --chown=33:33 app/a /d/tool
        COPY app/a /gone/x
        FROM base
        COPY app /

        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try machine.write("content\n", to: "ctx/app/a")
            try machine.write(Self.dockerfile, to: "ctx/Dockerfile")
            let link = try await machine.run(["/bin/ln", "-s", "/etc", "ctx/app/link"])
            try #require(link.status == 0)
            try await body(machine)
        }
    }

    private func shell(_ machine: TestMachine, _ script: String) async throws -> [String] {
        let done = try await machine.run(["/bin/sh", "-ec", script])
        try #require(done.status == 0, "\(done.err)")
        return done.out.split(separator: "\n").map(String.init)
    }

    @Test("files come into a folder as the caller's, and no image is left")
    func folder() async throws {
        try await with { machine in
            let built = try await machine.berth(
                "docker",
                "build",
                "--progress=plain",
                "-t",
                "no:1",
                "-o",
                "out",
                "ctx"
            )
            try #require(built.status == 0, "\(built.err)")
            #expect(built.err.contains(" exporting to client directory\n"))
            #expect(built.err.contains(" copying files "))
            let found = try await shell(
                machine,
                "cd out && stat -c '%n %a %u %F' a d d/a d/tool gone/x link && cat a && readlink link"
            )
            #expect(
                found == [
                    "a 644 0 regular file", "d 755 0 directory", "d/a 644 0 regular file",
                    "d/tool 755 0 regular file",
                    "gone/x 644 0 regular file", "link 777 0 symbolic link", "content", "/etc",
                ]
            )
            #expect(try await machine.berth("image", "ls", "-q").lines.isEmpty)
        }
    }

    @Test("annotations stand in the manifest, and an OCI layout is a context again")
    func annotations() async throws {
        try await with { machine in
            let built = try await machine.berth(
                "docker",
                "build",
                "--annotation",
                "org.a=1",
                "--annotation=manifest:org.b=x=y",
                "-o",
                "type=oci,dest=a.tar,annotation.org.c=3,annotation-manifest.org.d=4",
                "-t",
                "one:1",
                "ctx"
            )
            try #require(built.status == 0, "\(built.err)")
            let found = try await shell(
                machine,
                """
                mkdir layout && tar -C layout -xf a.tar
                grep -l '"org.a":"1"' layout/blobs/sha256/* | wc -l
                grep -ho '"annotations":{"org[^}]*}' layout/blobs/sha256/*
                """
            )
            #expect(
                found == [
                    "1",
                    #""annotations":{"org.a":"1","org.b":"x=y","org.c":"3","org.d":"4"}"#,
                ]
            )
            try machine.write("FROM base\nCOPY --from=base /a /copied\n", to: "upon/Dockerfile")
            for suffix in [":1", ""] {
                let upon = try await machine.berth(
                    "docker",
                    "build",
                    "--build-context",
                    "base=oci-layout://layout\(suffix)",
                    "-o",
                    "out",
                    "upon"
                )
                // A layout without the name latest.
                guard suffix == ":1" else {
                    #expect(upon.err.contains("there is none of the name latest"), "\(upon.err)")
                    continue
                }
                try #require(upon.status == 0, "\(upon.err)")
                #expect(try await shell(machine, "cat out/copied out/a") == ["content", "content"])
            }
        }
    }

    @Test(
        "annotations of what is not written are refused in docker's words",
        arguments: [
            ("index:a=b", "index annotations not supported for single platform export"),
            ("manifest,index-descriptor:a=b", "index annotations not supported for single"),
            ("a", "parse annotations: invalid annotation \"a\", expected key=value"),
            ("foo:a=b", "parse annotations: unknown annotation type \"foo\""),
            ("index[linux/arm64]:a=b", "annotation index[linux/arm64]: write index[PLATFORM] of a"),
            ("manifest[linux/pdp11]:a=b", "annotation manifest[linux/pdp11]: nothing is built for"),
        ]
    )
    func refusedAnnotations(text: String, reason: String) async throws {
        try await with { machine in
            let built = try await machine.berth("docker", "build", "--annotation", text, "ctx")
            #expect(built.status == 1 && built.err.contains(reason), "\(built.err)")
        }
    }

    @Test("what lies in the folder already is never followed")
    func hostileFolder() async throws {
        try await with { machine in
            _ = try await shell(
                machine,
                "mkdir out safe; ln -s ../safe out/d; ln -s ../safe/x out/a"
            )
            let built = try await machine.berth("image", "build", "-o", "out", "ctx")
            #expect(built.status == 1)
            #expect(built.err.contains("ot a directory"), "\(built.err)")
            #expect(try await shell(machine, "ls safe").isEmpty)
        }
    }

    @Test("a tar has owners, modes and names as they are in the image, on stdout too")
    func tar() async throws {
        try await with { machine in
            let script = """
                "$0" image build -q -o - ctx > one.tar
                "$0" image build -q -o type=tar,dest=two.tar ctx >&2
                cmp one.tar two.tar
                tar --numeric-owner -tvf one.tar | awk '{print $1, $2, $6, $7, $8}' | sed 's/ *$//'
                """
            let listed = try await machine.run(["/bin/sh", "-ec", script, TestMachine.berth])
            #expect(
                listed.out.split(separator: "\n") == [
                    "-rw-r--r-- 0/0 a", "drwxr-xr-x 33/33 d/", "-rw-r--r-- 33/33 d/a",
                    "-rwsr-xr-x 33/33 d/tool",
                    "drwxr-xr-x 0/0 gone/", "-rw-r--r-- 0/0 gone/x", "lrwxrwxrwx 0/0 link -> /etc",
                ],
                "\(listed.err)"
            )
        }
    }

    @Test("archives are whole: another store loads what was written", arguments: ["oci", "docker"])
    func archive(kind: String) async throws {
        try await with { machine in
            let built = try await machine.berth(
                "image",
                "build",
                "-t",
                "app:1",
                "-o",
                "type=\(kind),dest=a.tar,compression=gzip",
                "ctx"
            )
            try #require(built.status == 0, "\(built.err)")
            #expect(try await machine.berth("image", "ls", "-q").lines.isEmpty)
            let names = try await shell(
                machine,
                "tar tf a.tar | grep -v blobs; tar xOf a.tar index.json"
            )
            #expect(names.contains("manifest.json") == (kind == "docker"))
            #expect(names.contains("oci-layout"))
            let loaded = try await machine.berth("image", "load", "-i", "a.tar")
            #expect(loaded.status == 0, "\(loaded.err)")
            #expect(loaded.out.contains("app:1"), "\(loaded.out)")
        }
    }

    @Test("several results come of one build, and image gives names of its own")
    func several() async throws {
        try await with { machine in
            let built = try await machine.berth(
                "docker",
                "build",
                "--progress=plain",
                "-t",
                "a:1",
                "-o",
                "type=tar,dest=x.tar",
                "-o",
                "type=image,name=b:2",
                "-o",
                "type=cacheonly",
                "ctx"
            )
            try #require(built.status == 0, "\(built.err)")
            #expect(built.err.contains("naming to docker.io/library/a:1 done"), "\(built.err)")
            let names = try await machine.berth(
                "image",
                "ls",
                "--format",
                "{{.Repository}}:{{.Tag}}"
            )
            #expect(Set(names.lines) == ["a:1", "b:2"])
            #expect(try await shell(machine, "tar tf x.tar | head -1") == ["a"])
        }
    }

    @Test("SOURCE_DATE_EPOCH dates the image, and its files where that is asked for")
    func date() async throws {
        try await with { machine in
            let script = """
                export SOURCE_DATE_EPOCH=1000000000
                "$0" image build -q -t plain ctx
                "$0" image build -q --no-cache -t dated -o type=image,rewrite-timestamp=true ctx
                "$0" image build -q --no-cache -t again -o type=image,rewrite-timestamp=true ctx
                "$0" image inspect -f '{{.Created}} {{.Id}}' plain dated again
                "$0" image history --no-trunc --format '{{.CreatedAt}}' dated | sort -u
                "$0" image build -q -o out ctx >/dev/null
                TZ=UTC stat -c %Y out/a
                "$0" image save dated | tar x --wildcards 'blobs/*'
                for blob in blobs/sha256/*; do tar tvf $blob 2>/dev/null || true; done |
                    grep -v 2001-09-0 || true
                SOURCE_DATE_EPOCH=soon "$0" image build -q ctx 2>&1 || echo failed
                """
            let done = try await machine.run(["/bin/sh", "-ec", script, TestMachine.berth])
            let lines = done.out.split(separator: "\n").map(String.init)
            try #require(lines.count >= 8, "\(done.out)\n\(done.err)")
            for line in lines[3...5] { #expect(line.hasPrefix("2001-09-09T01:46:40"), "\(line)") }
            #expect(lines[4] == lines[5])
            #expect(lines[6].hasPrefix("2001-09-09"), "\(lines[6])")
            #expect(lines[7] == "1000000000")
            #expect(lines[8].contains("SOURCE_DATE_EPOCH is \"soon\""), "\(lines)")
            #expect(lines.last == "failed")
        }
    }

    @Test("what cannot be is refused before anything is built")
    func refusals() async throws {
        try await with { machine in
            for (arguments, words) in [
                (
                    ["-o", "type=tar,dest=-", "-o", "-"],
                    "multiple outputs configured to write to stdout"
                ),
                (["-o", "type=tar,dest=ctx"], "destination file ctx is a directory"),
                (["-o", "out", "--iidfile", "id"], "incompatible with image ID file"),
                (["--push"], "tag is needed when pushing to registry"),
            ] {
                let refused = try await machine.run(
                    [TestMachine.berth, "image", "build"] + arguments + ["ctx"]
                )
                #expect(refused.status == 1 && refused.err.contains(words), "\(refused.err)")
            }
        }
    }
}
