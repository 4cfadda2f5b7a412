import Compose
import Foundation
import TestSupport
import Testing

/// What holds for every project of the corpus that loads.
@Suite("Properties of files", .enabled(if: Corpus.isPresent, "the corpus is not on this machine"))
struct FilePropertyTests {
    /// The plain projects: one file, loaded as it is.
    private static let texts: [(id: String, text: String)] = Corpus.runs.compactMap { run in
        guard run.isValid, run.name == "default" || run.name == "",
            let data = FileManager.default.contents(atPath: run.folder + "/compose.yaml")
        else { return nil }
        return (run.id, String(decoding: data, as: UTF8.self))
    }

    /// The canonical form of files that lie in one folder; nil where they do not load.
    private func canonical(_ files: [(name: String, text: String)]) -> String? {
        var options = LoadOptions.test()
        options.files = files.map(\.name)
        options.profiles = ["*"]
        options.projectName = "p"
        let texts = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.text) })
        // A file that needs others of its folder says so by not loading, and is left out.
        return (try? ComposeLoader(files: MemoryFiles(texts)).load(options))?.yaml()
    }

    /// Every project that loads from one file, with its canonical form.
    private func each(_ body: (String, String, String) -> Void) {
        var count = 0
        for (id, text) in Self.texts {
            guard let plain = canonical([("compose.yaml", text)]) else { continue }
            count += 1
            body(id, text, plain)
        }
        #expect(count > 100, "only \(count) files load")
    }

    @Test("loading the output of config gives the same output")
    func idempotent() {
        each { id, _, plain in
            // An empty name of a Dockerfile is not said, and so becomes the default.
            guard !plain.contains("build:") || plain.contains("dockerfile") else { return }
            var options = LoadOptions.test()
            options.profiles = ["*"]
            options.without.insert(.checkReferences)
            let again = try? load(plain, options: options).yaml()
            #expect(again == plain, "\(id)")
        }
    }

    @Test("merging with an empty file changes nothing, before or after")
    func empty() {
        each { id, text, plain in
            let nothing = ("empty.yaml", "services: {}\n")
            #expect(canonical([("compose.yaml", text), nothing]) == plain, "\(id)")
            #expect(canonical([nothing, ("compose.yaml", text)]) == plain, "\(id)")
        }
    }

    @Test("an extension changes nothing but itself")
    func extensions() {
        each { id, text, plain in
            let added = "x-zz-own: {a: [1, two], b: \"3\"}\n"
            let own = "x-zz-own:\n  a:\n    - 1\n    - two\n  b: \"3\"\n"
            let extended = canonical([("compose.yaml", text), ("x.yaml", added)])
            #expect(extended == plain + own, "\(id)")
        }
    }

    @Test("files of different services may be given in any order")
    func order() {
        let other = ("zz.yaml", "services: {zz-own: {image: x, ports: [\"80\"], labels: [a=b]}}\n")
        each { id, text, _ in
            let one = canonical([("compose.yaml", text), other])
            let two = canonical([other, ("compose.yaml", text)])
            #expect(one != nil && one == two, "\(id)")
        }
    }
}
