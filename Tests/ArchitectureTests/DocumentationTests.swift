import Foundation
import Testing

/// Holds what other rooms call to having documentation.
@Suite("documentation")
struct DocumentationTests {
    /// Properties, initialisers and constants that other targets see and that say nothing more than
    /// their name and type. It only falls: whoever documents one lowers it.
    private static let undocumentedMembers = 690

    @Test("types and functions that other targets see are documented")
    func fronts() throws {
        let bare = try PackageDeclaration.all().filter { !$0.isDocumented && $0.isFront }
        #expect(bare.isEmpty, "\(bare.map(\.description).joined(separator: "\n"))")
    }

    @Test("properties and initialisers without documentation become fewer")
    func members() throws {
        let declarations = try PackageDeclaration.all()
        let bare = declarations.count { !$0.isDocumented && !$0.isFront }
        #expect(declarations.count > 2000)
        #expect(
            bare <= Self.undocumentedMembers,
            "\(bare) of \(declarations.count) have no documentation: no more are allowed"
        )
        #expect(bare > Self.undocumentedMembers - 25, "lower the number: only \(bare) are left")
    }

    @Test("every decision has its number, a title, a context, a decision and consequences")
    func decisions() throws {
        let folder = Package.root.appending(path: "docs/decisions")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count > 20)
        for name in names {
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            let number = try #require(Int(name.prefix(3)), "\(name)")
            #expect(text.hasPrefix("# \(number). "), "\(name)")
            for part in ["Context", "Decision", "Consequences"] {
                #expect(text.contains("\n**\(part).**"), "\(name): \(part)")
            }
        }
    }

    @Test("the paths that pages name are there")
    func paths() throws {
        let folder = Package.root.appending(path: "docs")
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".md") }
        var named = 0
        for page in pages {
            let text = try String(contentsOf: folder.appending(path: page), encoding: .utf8)
            for match in text.matches(of: /`((Sources|Tests|docs)\/[A-Za-z0-9_+.\/-]+)`/) {
                let path = Package.root.appending(path: String(match.1)).path
                named += 1
                #expect(FileManager.default.fileExists(atPath: path), "\(page): \(match.1)")
            }
        }
        #expect(named > 10)
    }
}
