import Compose
import TestSupport

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
