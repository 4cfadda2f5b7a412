import ContainerRuntime
import Glibc
import Linux
import SystemPackage
import Testing

extension Tag {
    /// Needs root and a real kernel.
    @Tag static var root: Self
}

let isRoot = geteuid() == 0

/// A folder of a test's own, gone with the object.
final class Scratch: Sendable {
    let path: FilePath

    init() throws {
        let name = "berth-test-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        path = FilePath("/tmp").appending(name)
        try makeDirectories(path)
    }

    deinit {
        do {
            for root in ["root", "root-2"] {
                #expect(try Cgroups.detect(root: self(root)).entries().isEmpty)
            }
            try removeTree(path)
        } catch { Issue.record(error) }
    }

    func callAsFunction(_ relative: String) -> FilePath { path.appending(relative) }

    func write(_ text: String, to relative: String) throws {
        try atomicWrite(Array(text.utf8), to: self(relative), synced: false)
    }

    func link(_ target: String, at relative: String) {
        #expect(symlink(target, self(relative).string) == 0)
    }
}

func exists(_ path: FilePath) -> Bool {
    var status = stat()
    return lstat(path.string, &status) == 0
}

func text(_ path: FilePath) throws -> String {
    String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
}
