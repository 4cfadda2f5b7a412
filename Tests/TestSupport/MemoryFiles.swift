package import Compose

/// Files that exist only in a test, all under `/project`.
package struct MemoryFiles: FileReader {
    private let texts: [String: String]

    package init(_ texts: [String: String]) {
        self.texts = Dictionary(
            uniqueKeysWithValues: texts.map {
                ($0.key.hasPrefix("/") || $0.key == "-" ? $0.key : "/project/" + $0.key, $0.value)
            }
        )
    }

    package func kind(of path: String) -> FileKind? {
        if texts[path] != nil { return .file }
        return texts.keys.contains { $0.hasPrefix(path + "/") } ? .directory : nil
    }

    package func read(_ path: String) throws(FileReadError) -> [UInt8] {
        guard let text = texts[path] else {
            throw FileReadError(reason: "no such file or directory")
        }
        return Array(text.utf8)
    }

    package func names(in folder: String) -> [String] {
        texts.keys.filter { $0.hasPrefix(folder + "/") }
            .map { String($0.dropFirst(folder.count + 1)) }.filter { !$0.contains("/") }
    }

    package func homeDirectory(ofUser name: String) -> String? { name == "ann" ? "/home/ann" : nil }
}

extension LoadOptions {
    /// Loading from `/project`.
    package static func test(
        _ purpose: Purpose = .config,
        environment: [String: String] = [:]
    ) -> LoadOptions {
        LoadOptions(purpose: purpose, workingDirectory: "/project", environment: environment)
    }
}
