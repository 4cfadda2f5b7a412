import Foundation
import Testing
import TestSupport

/// Caches that builds leave for other machines: the second machine has a state folder of its own.
@Suite(
    "root: build caches elsewhere",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(3))
)
struct BuildCacheExchangeTests {
    private static let dockerfile = """
        FROM scratch AS base
        WORKDIR /base
        COPY a /base/a
        FROM scratch
        COPY --from=base /base/a /a
        WORKDIR /w

        """

    private func with(_ body: (TestMachine) async throws -> Void) async throws {
        try await TestMachine.with { machine in
            try machine.write("content\n", to: "ctx/a")
            try machine.write(Self.dockerfile, to: "ctx/Dockerfile")
            try await body(machine)
        }
    }

    private func build(
        _ machine: TestMachine,
        on state: String,
        _ flags: String...
    ) async throws -> TestMachine.Output {
        let arguments = ["docker", "build", "--progress=plain", "-t", "x:1"] + flags + ["ctx"]
        return try await machine.run(
            [Products.path("berth")] + arguments,
            environment: ["BERTH_ROOT": machine.folder.path() + "/" + state]
        )
    }

    private func cachedSteps(_ output: TestMachine.Output) -> Int {
        output.err.split(separator: "\n").count { $0.hasSuffix(" CACHED") }
    }

    private func image(_ output: TestMachine.Output) -> String? {
        output.err.split(separator: "\n").first { $0.contains(" writing image ") }.map(String.init)
    }

    @Test(
        "a folder has what other machines need: the steps of the image, or of all stages",
        arguments: [("min", 2), ("max", 4)]
    )
    func folder(mode: String, steps: Int) async throws {
        try await with { machine in
            let first = try await build(
                machine,
                on: "one",
                "--cache-to",
                "type=local,dest=cache,mode=\(mode)"
            )
            try #require(first.status == 0, "\(first.err)")
            let second = try await build(
                machine,
                on: "two",
                "--cache-from",
                "type=local,src=cache",
                "--cache-to",
                "type=local,dest=again,mode=max"
            )
            try #require(second.status == 0, "\(second.err)")
            #expect(cachedSteps(second) == steps, "\(second.err)")
            if mode == "max" { #expect(image(first) == image(second)) }
            // What was had from a cache can be handed on.
            let third = try await build(
                machine,
                on: "three",
                "--cache-from",
                "type=local,src=again"
            )
            try #require(third.status == 0, "\(third.err)")
            #expect(cachedSteps(third) == 4, "\(third.err)")
        }
    }

    @Test("a layer that was changed in the folder is not taken: the step is carried out")
    func damaged() async throws {
        try await with { machine in
            let first = try await build(machine, on: "one", "--cache-to", "type=local,dest=cache")
            try #require(first.status == 0, "\(first.err)")
            let spoiled = try await machine.run([
                "/bin/sh", "-c",
                "for f in cache/blobs/sha256/*; do case $(head -c1 $f) in '{') ;; "
                    + "*) printf X | dd of=$f bs=1 seek=20 conv=notrunc; esac; done",
            ])
            try #require(spoiled.status == 0)
            let second = try await build(machine, on: "two", "--cache-from", "type=local,src=cache")
            #expect(second.status == 0, "\(second.err)")
            #expect(cachedSteps(second) == 0, "\(second.err)")
        }
    }

    @Test("caches that are not there, or are BuildKit's, are told and the build goes on")
    func foreign() async throws {
        try await with { machine in
            let digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
            let manifest = """
                {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":\
                "application/vnd.buildkit.cacheconfig.v0","digest":"\(digest)","size":2},"layers":[]}
                """
            try machine.write(manifest, to: "manifest")
            let made = try await machine.run([
                "/bin/sh", "-ec",
                """
                mkdir -p kit/blobs/sha256; d=$(sha256sum < manifest | cut -c1-64); cp manifest kit/blobs/sha256/$d
                printf '{"schemaVersion":2,"manifests":[{"digest":"sha256:%s","size":%s,"annotations":{"org.opencontainers.image.ref.name":"latest"}}]}' \
                $d $(stat -c %s manifest) > kit/index.json
                """,
            ])
            try #require(made.status == 0, "\(made.err)")
            let built = try await build(
                machine,
                on: "one",
                "--cache-from",
                "type=local,src=kit",
                "--cache-from",
                "type=local,src=nothing"
            )
            #expect(built.status == 0, "\(built.err)")
            #expect(
                built.err.contains("it is BuildKit's, which berth does not read"),
                "\(built.err)"
            )
            #expect(
                built.err.contains(
                    "cache from \(machine.folder.path())/nothing (latest) is not used"
                ),
                "\(built.err)"
            )
        }
    }

    @Test(
        "what is not carried out is refused by its name",
        arguments: [
            ("--cache-to", "type=gha", "the cache type gha is not supported"),
            ("--cache-from", "type=s3,bucket=b", "the cache type s3 is not supported"),
            ("--cache-to", "type=local", "dest is required"),
            ("--cache-to", "type=registry", "ref is required"),
            ("--cache-to", "type=local,dest=x,mode=most", "it can be min or max"),
            ("--cache-to", "type=inline,mode=max", "write mode=min"),
            ("--cache-to", "type=local,dest=x,compression=zstd", "layers are written as gzip"),
            ("--cache-from", "type=local,src=x,foo=1", "foo is not supported"),
        ]
    )
    func refused(flag: String, value: String, text: String) async throws {
        try await with { machine in
            let refused = try await build(machine, on: "one", flag, value)
            #expect(refused.status == 1)
            #expect(refused.err.contains(text), "\(refused.err)")
        }
    }
}
