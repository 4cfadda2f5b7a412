import Compose

/// Files that exist only in a test, all under `/project`.
struct MemoryFiles: FileReader {
    var texts: [String: String]

    init(_ texts: [String: String]) {
        self.texts = Dictionary(
            uniqueKeysWithValues: texts.map {
                ($0.key.hasPrefix("/") || $0.key == "-" ? $0.key : "/project/" + $0.key, $0.value)
            }
        )
    }

    func kind(of path: String) -> FileKind? {
        if texts[path] != nil { return .file }
        return texts.keys.contains { $0.hasPrefix(path + "/") } ? .directory : nil
    }

    func read(_ path: String) throws(FileReadError) -> [UInt8] {
        guard let text = texts[path] else {
            throw FileReadError(reason: "no such file or directory")
        }
        return Array(text.utf8)
    }

    func homeDirectory(ofUser name: String) -> String? { name == "ann" ? "/home/ann" : nil }
}

extension LoadOptions {
    /// Loading from `/project`.
    static func test(
        _ purpose: Purpose = .config,
        environment: [String: String] = [:]
    ) -> LoadOptions {
        LoadOptions(purpose: purpose, workingDirectory: "/project", environment: environment)
    }
}

/// Loads `compose.yaml` given as text.
func load(
    _ text: String,
    files: [String: String] = [:],
    options: LoadOptions = .test()
) throws(ComposeError) -> LoadedProject {
    var all = files
    all["compose.yaml"] = text
    return try ComposeLoader(files: MemoryFiles(all)).load(options)
}

/// The same for suites that have a `load` of their own.
func loadText(
    _ text: String,
    files: [String: String] = [:],
    options: LoadOptions = .test()
) throws -> LoadedProject {
    try load(text, files: files, options: options)
}

/// The problems of a text, one line each; empty when there are none.
func problems(
    _ text: String,
    files: [String: String] = [:],
    options: LoadOptions = .test()
) -> String {
    do {
        _ = try load(text, files: files, options: options)
        return ""
    } catch {
        return error.description
    }
}
