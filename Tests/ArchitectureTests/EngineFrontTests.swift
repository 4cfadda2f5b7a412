import Foundation
import Testing

/// Holds what `Engine` is made of to staying inside: others ask it for a verb.
@Suite("the engine's front")
struct EngineFrontTests {
    @Test("an engine shows its paths and nothing of what it works with")
    func properties() throws {
        let file = Package.root.appending(path: "Sources/Engine/Engine/Engine.swift")
        let shown = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
            .map { $0.drop { $0 == " " } }
            .filter { $0.hasPrefix("package let ") || $0.hasPrefix("package var ") }
        #expect(shown == ["package let layout: Layout"])
    }

    @Test("docker's words know no terminal and read nothing of the machine")
    func words() throws {
        let package = try Package.described()
        let views = try #require(package.targets.first { $0.name == "DockerViews" })
        let granted = Set(views.dependencies.flatMap(\.names))
        #expect(granted.isDisjoint(with: ["Linux", "CLinux", "ImageStore", "ContainerNetwork"]))
        #expect(!granted.contains("ArgumentParser"))
    }
}
