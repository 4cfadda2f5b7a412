import Builder
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What is known of a context's files without reading them.
@Suite("Context listings")
struct ContextListingTests {
    private func with(
        _ files: [String],
        _ body: (URL, FilePath) throws -> Void
    ) throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "listing-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in files { try write("one", to: file, in: folder) }
        try body(folder, FilePath(folder.path()))
    }

    private func write(_ text: String, to path: String, in folder: URL) throws {
        let file = folder.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
    }

    @Test("two looks at what nobody changed are the same")
    func same() throws {
        try with(["a", "b/c", "b/d/e"]) { _, path in
            let first = try ContextListing(of: path, nil)
            #expect(try ContextListing(of: path, nil) == first)
            #expect(first.changes(since: first).isEmpty)
        }
    }

    @Test("what is added, changed and removed is named, a whole folder once")
    func changes() throws {
        try with(["a", "b/c", "old/one", "old/two"]) { folder, path in
            let before = try ContextListing(of: path, nil)
            // In place, with as many bytes.
            try write("two", to: "a", in: folder)
            try write("new", to: "new/deep/file", in: folder)
            try FileManager.default.removeItem(at: folder.appending(path: "old"))
            let changes = try ContextListing(of: path, nil).changes(since: before)
            #expect(changes == [.changed("a"), .added("new"), .removed("old")])
            #expect(changes.map(\.description) == ["a changed", "new added", "old removed"])
        }
    }

    @Test("modes count, times of folders do not")
    func modes() throws {
        try with(["a", "b/c"]) { folder, path in
            let before = try ContextListing(of: path, nil)
            chmod(folder.appending(path: "a").path(), 0o700)
            try write("x", to: "b/gone", in: folder)
            try FileManager.default.removeItem(at: folder.appending(path: "b/gone"))
            #expect(try ContextListing(of: path, nil).changes(since: before) == [.changed("a")])
        }
    }

    @Test("what is ignored does not count, what is let in again does")
    func ignored() throws {
        try with(["a", "logs/one", "logs/keep"]) { folder, path in
            let rules = try IgnoreRules(parsing: "logs\n!logs/keep\n")
            let before = try ContextListing(of: path, rules)
            try write("two", to: "logs/one", in: folder)
            try write("two", to: "logs/other", in: folder)
            #expect(try ContextListing(of: path, rules) == before)
            try write("two", to: "logs/keep", in: folder)
            let changes = try ContextListing(of: path, rules).changes(since: before)
            #expect(changes == [.changed("logs/keep")])
        }
    }

    @Test("what was written down reads as it was, for that image only")
    func written() throws {
        try with(["a", "b/c"]) { folder, path in
            var request = BuildRequest(context: path)
            request.dockerfile = .inline("FROM scratch\n")
            request.arguments = ["VERSION": "1"]
            var inputs = try BuildInputs(of: request)
            inputs.limit(to: ["": .all])
            inputs.bases = ["base:1": "sha256:one"]
            let file = FilePath("\(path)-inputs")
            defer { unlink(file.string) }
            try inputs.write(of: "sha256:image", to: file)
            #expect(try BuildInputs.read(of: "sha256:image", from: file) == inputs)
            #expect(try BuildInputs.read(of: "sha256:other", from: file) == nil)
            try #require(truncate(file.string, 20) == 0)
            let damage = #expect(throws: (any Error).self) {
                try BuildInputs.read(of: "sha256:image", from: file)
            }
            #expect("\(try #require(damage))".contains("is damaged"))
            request.arguments = ["VERSION": "2", "NEW": ""]
            request.dockerfile = .inline("FROM scratch\nCOPY a /\n")
            try write("two", to: "b/c", in: folder)
            let now = try BuildInputs(of: request)
            let expected = [
                "b/c changed", "args.NEW added", "args.VERSION changed",
                "dockerfile_inline changed",
            ]
            #expect(now.differences(from: inputs) == expected)
        }
    }

    @Test(
        "of what steps name only that counts; a pattern stands for its folder, a link for everything",
        arguments: [
            (["src"], ["src/a", "src/b/c"]), (["./src/b/", "/x"], ["src/b/c", "x"]),
            (["src/*/c"], ["src/a", "src/b/c"]), (["*"], ["link", "src/a", "src/b/c", "x"]),
            (["link/a"], ["link", "src/a", "src/b/c", "x"]), ([], []), (["../src/a"], ["src/a"]),
        ]
    )
    func covered(sources: [String], expected: [String]) throws {
        try with(["x", "src/a", "src/b/c"]) { folder, path in
            symlink("src", folder.appending(path: "link").path())
            let whole = try ContextListing(of: path, nil)
            let limited = whole.limited(to: CoveredPaths(sources))
            let again = try ContextListing(of: path, nil, only: limited.covered)
            #expect(again == limited.listing)
            for file in ["x", "src/a", "src/b/c"] { try write("two", to: file, in: folder) }
            try FileManager.default.removeItem(at: folder.appending(path: "link"))
            symlink("src", folder.appending(path: "link").path())
            let later = try ContextListing(of: path, nil, only: limited.covered)
            #expect(later.changes(since: again).map(\.path) == expected)
        }
    }
}
