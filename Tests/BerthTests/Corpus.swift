import Foundation

/// Cases from outside the project; absent in an ordinary clone.
enum Corpus {
    static let folder: URL = {
        if let named = ProcessInfo.processInfo.environment["BERTH_CORPUS"] {
            return URL(filePath: named)
        }
        return URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "../../../shared/corpus").standardizedFileURL
    }()

    static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path()) }

    static func read<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: path)))
    }
}
