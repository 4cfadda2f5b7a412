import Foundation

/// A folder of a test's own, gone with this object.
final class Folder: Sendable {
    let url: URL

    init() throws {
        let tag = String(UInt64.random(in: .min ... .max), radix: 36)
        url = FileManager.default.temporaryDirectory.appending(path: "berth-registry-\(tag)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    // Nobody is left to tell; the system's own cleaning takes what stays.
    deinit { try? FileManager.default.removeItem(at: url) }

    var path: String { url.path() }

    /// Writes a file, with the folders above it.
    @discardableResult
    func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path())
        return file.path()
    }

    func read(_ name: String) throws -> String {
        try String(contentsOf: url.appending(path: name), encoding: .utf8)
    }

    func mode(_ name: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(
            atPath: url.appending(path: name).path()
        )
        return attributes[.posixPermissions] as? Int ?? 0
    }
}
