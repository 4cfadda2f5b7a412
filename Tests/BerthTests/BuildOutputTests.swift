import ArgumentParser
import Testing

@testable import berth

/// What `--output` means; refusals as buildx 0.29.1 words them.
@Suite("where a build's result goes")
struct BuildOutputTests {
    @Test(
        "an output is read as buildx reads it",
        arguments: [
            ("out", BuildOutput(kind: .folder, destination: "out")),
            ("-", BuildOutput(kind: .tar, destination: "-")),
            // Without a comma and a type it is a folder's name.
            ("dest=out", BuildOutput(kind: .folder, destination: "dest=out")),
            ("type=local,dest=out", BuildOutput(kind: .folder, destination: "out")),
            ("dest=a.tar, type=tar", BuildOutput(kind: .tar, destination: "a.tar")),
            ("type=tar", BuildOutput(kind: .tar, destination: "-")),
            ("type=oci", BuildOutput(kind: .archive(isDockers: false), destination: "-")),
            (
                "type=docker,dest=d.tar",
                BuildOutput(kind: .archive(isDockers: true), destination: "d.tar")
            ),
            (
                "type=docker,dest=d.tar,name=a/b:4",
                BuildOutput(kind: .archive(isDockers: true), destination: "d.tar", names: ["a/b:4"])
            ),
            (
                "type=oci,name=a/b:3",
                BuildOutput(kind: .archive(isDockers: false), destination: "-", names: ["a/b:3"])
            ),
            ("type=docker", BuildOutput.image),
            ("type=image,name=a:1", BuildOutput(kind: .image, names: ["a:1"])),
            ("type=image,push=true", BuildOutput(kind: .image, pushes: true)),
            ("type=registry", BuildOutput(kind: .image, pushes: true)),
            ("type=cacheonly", BuildOutput(kind: .cacheOnly)),
        ]
    )
    func read(text: String, expected: BuildOutput) throws {
        #expect(try BuildOutput(parsing: text) == expected)
    }

    @Test(
        "an empty output is none",
        arguments: [
            (["-o", ""], [BuildOutput.image]),
            (["--output", "", "-o", "out"], [BuildOutput(kind: .folder, destination: "out")]),
        ]
    )
    func empty(words: [String], expected: [BuildOutput]) throws {
        #expect(try BuildOutputs.parse(words).outputs() == expected)
    }

    @Test("how an image is written is part of it")
    func attributes() throws {
        let output = try BuildOutput(
            parsing: "type=oci,dest=x,compression=gzip,rewrite-timestamp=true"
        )
        #expect(output.compresses && output.rewritesTimes)
    }

    @Test(
        "what cannot be done is refused by name",
        arguments: [
            ("type=local", "dest is required for local exporter"),
            ("type=local,dest=-", "dest cannot be stdout for local exporter"),
            ("dest=a,name=b", "type is required"),
            ("type=tar,dest", "invalid value dest"),
            ("type=foo,dest=x", "exporter \"foo\" could not be found"),
            ("type=oci,dest=x,compression=zstd", "gzip or uncompressed"),
            ("type=oci,dest=x,tar=false", "an archive is a tar"),
            ("type=image,push-by-digest=true", "push-by-digest is not supported"),
            ("type=image,push=maybe", "write true or false"),
        ]
    )
    func refuse(text: String, reason: String) {
        let error = #expect(throws: Failure.self) { try BuildOutput(parsing: text) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
}
