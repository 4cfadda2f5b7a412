import Foundation
import Testing

/// Holds every `import` of every target to what `Package.swift` grants it: the compiler lets a
/// file import a dependency's dependency, the house does not.
@Suite("the house")
struct ImportTests {
    /// Modules of the toolchain, granted to everybody.
    static let toolchain: Set<String> = [
        "Swift", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing",
        "Dispatch", "_Concurrency",
    ]

    @Test("a target imports only what the manifest grants it")
    func imports() throws {
        let package = try Package.described()
        var violations: [String] = []
        for target in package.targets where target.type != "system" {
            let folder = Package.root.appending(path: target.path ?? "")
            let granted = Set(target.dependencies.flatMap(\.names)).union(Self.toolchain)
            for file in try swiftFiles(below: folder) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for module in importedModules(text)
                where module != target.name && !granted.contains(module) {
                    violations.append("\(target.name): \(file.lastPathComponent) imports \(module)")
                }
            }
        }
        #expect(violations.isEmpty, "\(violations.sorted().joined(separator: "\n"))")
        #expect(package.targets.count > 20)
    }

    @Test("a storey imports only storeys below it")
    func storeys() throws {
        let package = try Package.described()
        let height = ["System": 0, "Parts": 1, "Engine": 2, "Project": 3, "App": 4]
        func storey(_ target: Package.Target) -> Int? {
            guard let parts = target.path?.split(separator: "/"), parts.count == 3 else {
                return nil
            }
            return height[String(parts[1])]
        }
        let byName = Dictionary(uniqueKeysWithValues: package.targets.map { ($0.name, $0) })
        for target in package.targets {
            guard let above = storey(target) else { continue }
            for name in target.dependencies.flatMap(\.names) {
                guard let dependency = byName[name], let below = storey(dependency) else {
                    continue
                }
                #expect(below <= above, "\(target.name) must not import \(name)")
            }
        }
    }

    @Test(
        "no target is called what says nothing",
        arguments: [
            "Runtime", "Utils", "Common", "Core", "Helpers", "Extras", "Network",
        ]
    )
    func names(forbidden: String) throws {
        #expect(try !Package.described().targets.contains { $0.name == forbidden })
    }

    private func swiftFiles(below folder: URL) throws -> [URL] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (found?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
    }

    private func importedModules(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            var words = line.split(separator: " ").map(String.init)
            while let first = words.first, first.hasPrefix("@") || Self.access.contains(first) {
                words.removeFirst()
            }
            guard words.first == "import", words.count > 1 else { return nil }
            let name = Self.kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
            return name.split(separator: ".").first.map(String.init)
        }
    }

    private static let access: Set<String> = ["package", "public", "internal", "private"]
    private static let kinds: Set<String> = ["struct", "class", "enum", "func", "protocol", "var"]
}
