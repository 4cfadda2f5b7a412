import Compose

/// One thing to load: files that exist only in memory, and how to load them.
struct FuzzInput: Sendable {
    /// Contents by absolute path, all under `/project`.
    var files: [String: [UInt8]]
    var options: LoadOptions
    /// The output of the load can be loaded again and must then be the same.
    var isReloadable: Bool

    /// Where every input's first file is.
    static let main = "/project/compose.yaml"

    init(files: [String: [UInt8]]) {
        self.files = files
        options = LoadOptions(
            purpose: .config,
            workingDirectory: "/project",
            environment: ["HOME": "/home/ann", "SET": "value", "EMPTY": "", "PORT": "8080"]
        )
        options.files = ["compose.yaml"]
        isReloadable = true
    }
}

/// Reads the files of an input.
struct InputFiles: FileReader {
    let files: [String: [UInt8]]

    func kind(of path: String) -> FileKind? {
        if files[path] != nil { return .file }
        return files.keys.contains { $0.hasPrefix(path + "/") } ? .directory : nil
    }

    func read(_ path: String) throws(FileReadError) -> [UInt8] {
        guard let bytes = files[path] else {
            throw FileReadError(reason: "no such file or directory")
        }
        return bytes
    }

    func homeDirectory(ofUser name: String) -> String? { name == "ann" ? "/home/ann" : nil }
}

/// The same numbers each time. SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// True once in so many times.
    mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

    /// An element of a list that is not empty.
    mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: 0..<list.count, using: &self)]
    }
}
