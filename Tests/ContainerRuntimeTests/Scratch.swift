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
        do { try removeTree(path) } catch { Issue.record(error) }
    }

    func callAsFunction(_ relative: String) -> FilePath { path.appending(relative) }
}

/// The folder of test data beside the project; nil when it is not there.
let corpus: FilePath? = {
    if let path = getenv("BERTH_CORPUS") { return FilePath(String(cString: path)) }
    guard let resolved = realpath(#filePath, nil) else { return nil }
    defer { free(resolved) }
    var folder = FilePath(String(cString: resolved))
    while folder.removeLastComponent() {
        let candidate = folder.appending("../shared/corpus").lexicallyNormalized()
        if access(candidate.string, R_OK) == 0 { return candidate }
    }
    return nil
}()
