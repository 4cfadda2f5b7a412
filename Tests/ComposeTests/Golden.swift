import Foundation
import Testing

/// A large expected text in a file next to the tests. `BERTH_GOLDEN=1` rewrites it.
struct Golden {
    private let url: URL

    init(_ name: String) throws {
        url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens").appendingPathComponent(name)
    }

    func compare(_ actual: String, sourceLocation: SourceLocation = #_sourceLocation) {
        if ProcessInfo.processInfo.environment["BERTH_GOLDEN"] != nil {
            // A failure shows as a difference below.
            try? actual.write(to: url, atomically: true, encoding: .utf8)
        }
        let expected = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
        #expect(actual == expected, sourceLocation: sourceLocation)
    }
}
