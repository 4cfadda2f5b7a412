import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import Linux

@Suite("watching files", .timeLimit(.minutes(1)))
struct TreeWatchTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Begins to watch paths of the scratch folder, does something, and gives what was told of it.
    private func changes(
        of roots: [String] = ["w"],
        skipping skipped: String? = nil,
        _ body: () throws -> Void
    ) async throws -> Set<String> {
        let top = scratch.path.string
        let watch = try TreeWatch(roots.map { "\(top)/\($0)" }) { path in
            skipped.map { path.hasSuffix("/" + $0) } ?? false
        }
        try await watch.begin()
        try body()
        // What ends the wait: the last thing that is done.
        try scratch.write("", to: roots[0] + "/end")
        var found: Set<String> = []
        while !found.contains("\(roots[0])/end") {
            found.formUnion(
                try await watch.changes(quiet: .milliseconds(5))
                    .map { String($0.dropFirst(top.count + 1)) }
            )
        }
        // An atomic write has another name first.
        return found.filter { !$0.hasSuffix("end") && !$0.contains(".tmp") && $0 != roots[0] }
    }

    private func put(_ text: String, _ path: String) throws {
        let file = fopen(scratch(path).string, "w")
        try #require(file != nil, "\(path)")
        fputs(text, file)
        fclose(file)
    }

    @Test("what comes, goes and is written to is told, in folders that come later too")
    func tree() async throws {
        try makeDirectories(scratch("w/old"))
        try put("1", "w/old/kept")
        try put("1", "w/old/gone")
        try put("1", "w/old/written")
        let found = try await changes {
            try put("2", "w/old/written")
            unlink(scratch("w/old/gone").string)
            try makeDirectories(scratch("w/new/deep"))
            try put("1", "w/new/deep/file")
            rename(scratch("w/old/kept").string, scratch("w/moved").string)
        }
        #expect(
            found == [
                "w/old/written", "w/old/gone", "w/new", "w/new/deep", "w/new/deep/file",
                "w/old/kept", "w/moved",
            ]
        )
    }

    @Test("a file that is touched, or that gets another mode, is told, and not its folder")
    func attributes() async throws {
        try makeDirectories(scratch("w/d"))
        for name in ["touched", "changed", "kept"] { try put("1", "w/d/\(name)") }
        let found = try await changes {
            #expect(utimensat(AT_FDCWD, scratch("w/d/touched").string, nil, 0) == 0)
            #expect(chmod(scratch("w/d/changed").string, 0o600) == 0)
        }
        #expect(found == ["w/d/touched", "w/d/changed"])
    }

    @Test("a folder that is moved is watched at its new place, and not at its old one")
    func moved() async throws {
        try makeDirectories(scratch("w/a/b"))
        let found = try await changes {
            rename(scratch("w/a").string, scratch("w/c").string)
            try put("1", "w/c/b/file")
        }
        #expect(found == ["w/a", "w/c", "w/c/b", "w/c/b/file"])
    }

    @Test("a path is waited for, and a single file is watched whoever replaces it")
    func missing() async throws {
        try put("1", "file")
        let found = try await changes(of: ["x/y", "file"]) {
            try put("1", "other")
            try put("1", "file.new")
            rename(scratch("file.new").string, scratch("file").string)
            try makeDirectories(scratch("x/y/z"))
            try put("1", "x/y/z/f")
        }
        #expect(found.isSuperset(of: ["file", "x/y/z", "x/y/z/f"]), "\(found)")
        #expect(found.isDisjoint(with: ["other", "file.new"]))
    }

    @Test("a folder that is replaced is watched on")
    func replaced() async throws {
        try makeDirectories(scratch("w/d"))
        let found = try await changes {
            try removeTree(scratch("w"))
            try makeDirectories(scratch("w/d"))
            try put("1", "w/d/f")
        }
        #expect(found.contains("w/d/f"), "\(found)")
    }

    @Test("folders that are left out are not looked into")
    func skipped() async throws {
        try makeDirectories(scratch("w/node_modules/a"))
        try makeDirectories(scratch("w/src"))
        let found = try await changes(skipping: "node_modules") {
            try put("1", "w/node_modules/a/f")
            try put("1", "w/src/f")
        }
        #expect(found == ["w/src/f"])
    }

    @Test("what the kernel lost is found by looking")
    func overflow() async throws {
        let limit = try text("/proc/sys/fs/inotify/max_queued_events")
        let most = try #require(Int(limit.filter(\.isNumber)))
        try #require(most < 200_000, "the queue is too long for this test")
        try makeDirectories(scratch("w/sub"))
        for name in ["a", "b", "gone", "same"] { try put("1", "w/\(name)") }
        // Older than any slack of the search for what was changed.
        let past = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        utimensat(AT_FDCWD, scratch("w/same").string, past, 0)
        let found = try await changes {
            let files = try ["w/a", "w/b"].map { SharedFD(try openFile(scratch($0), O_WRONLY)) }
            for _ in 0...(most / 2) {
                for index in files.indices { _ = files[index].with { pwrite($0, "x", 1, 0) } }
            }
            unlink(scratch("w/gone").string)
            try makeDirectories(scratch("w/sub/new"))
            try put("1", "w/sub/new/f")
        }
        #expect(found.isSuperset(of: ["w/a", "w/gone", "w/sub/new", "w/sub/new/f"]), "\(found)")
    }
}
