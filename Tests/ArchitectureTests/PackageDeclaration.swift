import Foundation

/// A declaration that other targets see (`package`), as far as it can be read off a line.
struct PackageDeclaration: CustomStringConvertible {
    /// File and line, and the line itself.
    var description: String
    var isDocumented: Bool
    /// A type or a function; else a property, an initialiser or a constant.
    var isFront: Bool

    /// All of them, in Sources.
    static func all() throws -> [PackageDeclaration] {
        let folder = Package.root.appending(path: "Sources")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var found: [PackageDeclaration] = []
        for case let file as URL in files ?? .init() where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            found += declarations(of: text, in: file.lastPathComponent)
        }
        return found
    }

    private static func declarations(of text: String, in file: String) -> [PackageDeclaration] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            $0.drop { $0 == " " }
        }
        var isDocumented = false
        var found: [PackageDeclaration] = []
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("///") {
                isDocumented = true
                continue
            }
            let words = line.split(separator: " ").map(String.init)
            guard let kind = kind(words) else {
                // Attributes stand between the two.
                if !line.hasPrefix("@") || words.contains("package") { isDocumented = false }
                continue
            }
            if !isRequirement(line) {
                found.append(
                    PackageDeclaration(
                        description: "\(file):\(index + 1): \(line)",
                        isDocumented: isDocumented,
                        isFront: !Self.members.contains(kind)
                    )
                )
            }
            isDocumented = false
        }
        return found
    }

    /// The keyword of a declaration that is `package`; nil for every other line.
    private static func kind(_ words: [String]) -> String? {
        guard let start = words.firstIndex(of: "package"),
            words[..<start].allSatisfy({ $0.hasPrefix("@") })
        else { return nil }
        return words[(start + 1)...].prefix(4).lazy.compactMap { word in
            kinds.first { word == $0 || word.hasPrefix("\($0)(") }
        }.first
    }

    /// What a protocol of the language asks for says nothing of its own.
    private static func isRequirement(_ line: Substring) -> Bool {
        requirements.contains { line.contains($0) }
    }

    private static let members = ["var", "let", "init"]
    private static let kinds =
        members + [
            "func", "struct", "enum", "class", "actor", "protocol", "subscript", "typealias",
        ]
    private static let requirements = [
        "func encode(to encoder", "init(from decoder", "func hash(into", "static func < (",
        "static func == (", "var description: String",
    ]
}
