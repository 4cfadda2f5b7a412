import Foundation
import SystemPackage
import Testing

/// The tables that Dockerfile frontends share, outside of this repository.
enum Corpus {
    /// `BERTH_CORPUS`, or `../shared/corpus` beside the package.
    static let directory: URL? = {
        let candidates: [URL]
        if let named = ProcessInfo.processInfo.environment["BERTH_CORPUS"] {
            candidates = [URL(fileURLWithPath: named)]
        } else {
            let file = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            let package = file.deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            candidates = [1, 2].map { levels in
                (0..<levels).reduce(package) { path, _ in path.deletingLastPathComponent() }
                    .appendingPathComponent("shared/corpus")
            }
        }
        return candidates.map { $0.appendingPathComponent("dockerfile") }.first {
            FileManager.default.fileExists(atPath: $0.path)
        }
    }()

    static var isPresent: Bool { directory != nil }

    static func url(_ name: String) throws -> URL {
        try #require(directory, "the corpus is not on this machine").appendingPathComponent(name)
    }

    /// A table whose cases are `Case`.
    struct Table<Case: Decodable & Sendable>: Decodable { var cases: [Case] }

    static func cases<Case: Decodable & Sendable>(_ name: String) throws -> [Case] {
        try decode(Table<Case>.self, name).cases
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: url(name)))
    }
}

/// Counts the cases of one table and says which fail.
struct Tally {
    var name: String
    var passed = 0
    var failures: [String] = []

    init(_ name: String) { self.name = name }

    mutating func check(_ holds: Bool, _ words: @autoclosure () -> String) {
        if holds { passed += 1 } else { failures.append(words()) }
    }

    func report() {
        print("corpus \(name): \(passed) of \(passed + failures.count)")
        #expect(failures.isEmpty, "\(failures.joined(separator: "\n"))")
        #expect(passed > 0)
    }
}
