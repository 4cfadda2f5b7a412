import Bake
import Compose
import Testing

/// `x-bake` of compose files; the values as buildx 0.29 takes them.
@Suite("x-bake of compose files")
struct ComposeExtensionTests {
    /// One file, compose.yaml of /project.
    private struct OneFile: FileReader {
        let text: String
        func kind(of path: String) -> FileKind? {
            path == "/project/compose.yaml" ? .file : path == "/project" ? .directory : nil
        }
        func read(_ path: String) throws(FileReadError) -> [UInt8] {
            guard kind(of: path) == .file else {
                throw FileReadError(reason: "no such file or directory")
            }
            return Array(text.utf8)
        }
        func homeDirectory(ofUser name: String) -> String? { nil }
    }

    private func targets(_ extensions: String) throws -> [BakeTarget] {
        let text = """
            services:
              web:
                image: web:1
                build:
                  context: .
                  tags: [web:2]
                  cache_from: [web:cache]
                  x-bake:
            \(extensions.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n"))

            """
        let options = LoadOptions(
            purpose: .images,
            workingDirectory: "/project",
            environment: ["TAG": "7"]
        )
        let loaded = try ComposeLoader(files: OneFile(text: text)).load(options)
        return try BakeTarget.services(of: loaded, in: "/project")
    }

    @Test("each entry takes the place of the service's")
    func carriedOut() throws {
        let target = try #require(
            try targets(
                """
                tags: ["a:${TAG}", "b:2"]
                cache-from: [user/app:cache, "type=local,src=c"]
                cache-to: type=inline
                secret: ["id=a,src=b"]
                ssh: default
                platforms: linux/arm64
                output: type=docker
                pull: true
                no-cache: false
                no-cache-filter: [x]
                contexts: {base: ./base}
                """
            ).first
        )
        #expect(target.texts(.tags) == ["a:7", "b:2"])
        #expect(
            target.options(.cacheFrom).map(\.flag) == [
                "type=registry,ref=user/app:cache", "type=local,src=c",
            ]
        )
        #expect(target.options(.cacheTo).map(\.flag) == ["type=inline"])
        #expect(target.options(.secret).map(\.flag) == ["id=a,src=b"])
        #expect(target.options(.ssh).map(\.flag) == ["id=default"])
        #expect(target.texts(.platforms) == ["linux/arm64"])
        #expect(target.options(.output).map(\.flag) == ["type=docker"])
        #expect(target.flag(.pull) && target.fields[.noCache] == .flag(false))
        #expect(target.texts(.noCacheFilter) == ["x"])
        #expect(target.map(.contexts).map(\.value) == ["./base"])
    }

    @Test(
        "anything else is refused at its place",
        arguments: [
            (
                "pull: maybe",
                "compose.yaml:9:15: services.web.build.x-bake.pull: pull is true or false"
            ),
            (
                "tags: {a: b}",
                "compose.yaml:9:15: services.web.build.x-bake.tags: tags is a text or"
            ),
            (
                "labels: {a: b}",
                "services.web.build.x-bake.labels: x-bake has no labels; it has tags,"
            ),
            ("plattforms: [a]", "x-bake has no plattforms; did you mean platforms?"),
            ("contexts: [a]", "contexts is a mapping of names to contexts"),
            ("secret: [\"id=a,b\"]", "secret: b is not key=value"),
        ]
    )
    func refused(line: String, text: String) throws {
        let error = #expect(throws: BakeError.self) { try targets(line) }
        #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
    }
}
