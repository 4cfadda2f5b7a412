import Foundation

/// What `swift package dump-package` says of this package, as far as the tests need it.
struct Package: Decodable {
    var targets: [Target]

    struct Target: Decodable {
        var name: String
        var type: String
        var path: String?
        var dependencies: [Dependency]
    }

    /// `{"byName": ["Linux", null]}`, `{"product": ["GRDB", "GRDB.swift", null, null]}`.
    struct Dependency: Decodable {
        var names: [String]

        init(from decoder: any Decoder) throws {
            let kinds = try decoder.singleValueContainer().decode([String: [Word?]].self)
            names = kinds.values.compactMap { $0.first??.text }
        }

        private struct Word: Decodable {
            var text: String?

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                text = try? container.decode(String.self)  // conditions are objects; not needed
            }
        }
    }

    /// The folder of the manifest.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Asks the package manager, in a scratch folder of its own: the test run holds the real one.
    static func described() throws -> Package { try cached.get() }

    private static let cached = Result { try read() }

    private static func read() throws -> Package {
        let scratch = FileManager.default.temporaryDirectory
            .appending(path: "berth-architecture-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }  // a temporary folder
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", root.path(), "--scratch-path", scratch.path(),
            "dump-package",
        ]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONDecoder().decode(Package.self, from: bytes)
    }
}
