package import Foundation
import Testing

/// Cases from outside the project, which an ordinary clone does not have: their tests are skipped then.
package enum Corpus {
    /// `BERTH_CORPUS`, or `shared/corpus` beside one of the folders that the package is in.
    package static let folder: URL? = {
        if let named = ProcessInfo.processInfo.environment["BERTH_CORPUS"] {
            return URL(filePath: named)
        }
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        while folder.path() != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.appending(path: "shared/corpus")
            if FileManager.default.fileExists(atPath: candidate.path()) { return candidate }
        }
        return nil
    }()

    package static var isPresent: Bool { folder != nil }

    /// A file or folder of it.
    package static func url(_ path: String) throws -> URL {
        guard let folder else { throw CocoaError(.fileNoSuchFile) }
        return folder.appending(path: path)
    }

    /// A JSON file of it.
    package static func read<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: url(path)))
    }

    private struct Table<Case: Decodable>: Decodable { var cases: [Case] }

    /// The cases of a table. One without any would let its test pass for nothing.
    package static func cases<Case: Decodable>(
        _ path: String,
        as type: Case.Type = Case.self
    ) throws -> [Case] {
        let cases = try read(Table<Case>.self, path).cases
        try #require(!cases.isEmpty, "\(path) has no cases")
        return cases
    }
}
