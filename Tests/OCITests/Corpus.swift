import Foundation

/// The shared tables of cases, which are not part of this repository: found through `BERTH_CORPUS`
/// or beside the checkout. Their tests are skipped where they are absent.
enum Corpus {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["BERTH_CORPUS"] {
            return URL(filePath: path)
        }
        let package = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return package.deletingLastPathComponent().appending(path: "shared/corpus")
    }()

    static var isPresent: Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: "oci").path)
    }

    private struct File<Case: Decodable>: Decodable { var cases: [Case] }

    /// The cases of one table; none where the corpus is absent.
    static func cases<Case: Decodable>(_ name: String, as type: Case.Type = Case.self) -> [Case] {
        guard isPresent else { return [] }
        do {
            let bytes = try Data(contentsOf: folder.appending(path: "oci/\(name).json"))
            return try JSONDecoder().decode(File<Case>.self, from: bytes).cases
        } catch {
            preconditionFailure("the corpus table \(name) cannot be read: \(error)")
        }
    }
}
