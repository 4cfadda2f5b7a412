package import Foundation
package import Testing

/// A large expected text in a file; `BERTH_GOLDEN` in the environment, as `make golden` has it,
/// rewrites the file, whose difference is then reviewed.
package struct Golden {
    private let url: URL

    package init(_ url: URL) { self.url = url }

    package static var isRewritten: Bool {
        ProcessInfo.processInfo.environment["BERTH_GOLDEN"] != nil
    }

    package func compare(
        _ actual: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        if Self.isRewritten {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try actual.write(to: url, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: url, encoding: .utf8)
        #expect(actual == expected, sourceLocation: sourceLocation)
    }

    /// Compares with what is between two marks of a document.
    package func compare(
        _ actual: String,
        between begin: String,
        and end: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        var text = try String(contentsOf: url, encoding: .utf8)
        let start = try #require(text.range(of: begin)).upperBound
        let stop = try #require(text.range(of: end)).lowerBound
        if Self.isRewritten {
            text.replaceSubrange(start..<stop, with: actual)
            try text.write(to: url, atomically: true, encoding: .utf8)
        } else {
            #expect(text[start..<stop] == actual, sourceLocation: sourceLocation)
        }
    }
}

/// Compares with a file in the folder `Golden` beside the calling one.
package func expectGolden(
    _ text: String,
    _ name: String,
    file: String = #filePath,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let folder = URL(filePath: file).deletingLastPathComponent().appending(path: "Golden")
    try Golden(folder.appending(path: name)).compare(text, sourceLocation: sourceLocation)
}
