import ArgumentParser
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import berth

@Suite("files and lists of bake")
struct BakeListingTests {
    @Test(
        "a table of --list has what a file says as visible text, one row each",
        arguments: [
            ("targets", ["TARGET DESCRIPTION", "g x\\e, t", "t a\\e[2J\\x9Bb\\nc"]),
            ("variables", ["VARIABLE TYPE VALUE DESCRIPTION", "V a\\e]0;\\x07"]),
        ]
    )
    func table(list: String, rows: [String]) throws {
        let scratch = try Scratch()
        let text = #"""
            target "t" { description = "a\u001b[2J\u009bb\nc" }
            group "g" { targets = ["x\u001b", "t"] }
            variable "V" { default = "a\u001b]0;\u0007" }
            """#
        try scratch.write(text, to: "b.hcl")
        let definition = try withExtendedLifetime(scratch) {
            try BakeSources.parse(["--file", scratch("b.hcl").string]).definition()
        }
        let lines = try BakeListing(parsing: list).lines(of: definition)
        #expect(lines.map { $0.split(separator: " ").joined(separator: " ") } == rows)
    }

    @Test("a file that is too large, or no regular file, is refused with what is wanted")
    func files() throws {
        let scratch = try Scratch()
        let path = scratch("b.hcl").string
        try Data(count: 5 << 20).write(to: URL(fileURLWithPath: path))
        let bound = ": a bake file has at most 4 MiB, and this is larger"
        let kind = ": a bake file is a regular file, and this is none"
        for (name, message) in [
            (path, bound), ("/dev/zero", kind), (scratch.path.string, kind),
        ] {
            let error = #expect(throws: Failure.self) {
                try BakeSources.parse(["--file", name]).definition()
            }
            #expect(error.map { "\($0)" } == name + message)
        }
        withExtendedLifetime(scratch) {}
    }
}
