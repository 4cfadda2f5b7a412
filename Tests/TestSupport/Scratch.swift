import Glibc
import Linux
package import SystemPackage
import Testing

/// A folder of a test's own, gone with the object.
package final class Scratch: Sendable {
    package let path: FilePath
    private let check: @Sendable (Scratch) throws -> Void

    /// `check` is made at the end, while everything is still there.
    package init(check: @escaping @Sendable (Scratch) throws -> Void = { _ in }) throws {
        let name = "berth-test-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        path = FilePath("/tmp").appending(name)
        self.check = check
        try makeDirectories(path)
    }

    deinit {
        do {
            try check(self)
            try removeTree(path)
        } catch { Issue.record(error, "\(path) is left") }
    }

    package func callAsFunction(_ relative: String) -> FilePath { path.appending(relative) }

    package func write(_ text: String, to relative: String) throws {
        try atomicWrite(Array(text.utf8), to: self(relative), synced: false)
    }

    package func link(_ target: String, at relative: String) {
        if symlink(target, self(relative).string) != 0 { Issue.record("\(relative) is not made") }
    }
}

/// Whether there is something, be it a link that leads nowhere.
package func exists(_ path: FilePath) -> Bool {
    var status = stat()
    return lstat(path.string, &status) == 0
}

/// The text of a small file.
package func text(_ path: FilePath) throws -> String {
    String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
}
