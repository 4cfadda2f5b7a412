import ContainerRuntime
import Foundation
import Glibc
import ImageStore
import Linux
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Builder

/// A state folder, a context and a builder of a test's own; everything is gone with the object.
final class BuildBench: Sendable {
    let path: FilePath
    let store: ImageStore
    let builder: Builder
    let runtime: ContainerRuntime

    var context: FilePath { path.appending("context") }
    var root: FilePath { path.appending("root") }

    init() throws {
        let name = "berth-build-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        path = FilePath("/tmp").appending(name)
        try makeDirectories(path)
        try makeDirectories(path.appending("context"), mode: 0o755)
        let root = path.appending("root")
        store = try ImageStore(root: root)
        runtime = try ContainerRuntime(keeper: FilePath(Products.keeper), root: root)
        builder = Builder(store: store, runtime: runtime, root: root)
    }

    deinit {
        #expect(runtime.cgroups.entries().isEmpty)
        do { try removeTree(path) } catch { Issue.record("\(path) is left: \(error)") }
    }

    /// The first lines of a Dockerfile whose later steps need a shell; `addBusybox` gives the file.
    static let busybox = """
        FROM scratch
        COPY busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]

        """

    /// The same as a stage that others can begin with.
    static let tools = busybox.replacingOccurrences(
        of: "FROM scratch",
        with: "FROM scratch AS tools"
    )

    /// Writes a file of the context.
    func write(_ text: String, to name: String, mode: UInt32 = 0o644) throws {
        let file = context.appending(name)
        try makeDirectories(file.removingLastComponent(), mode: 0o755)
        try atomicWrite(Array(text.utf8), to: file, mode: mode, synced: false)
    }

    /// Puts busybox into the context.
    func addBusybox() throws {
        let bytes = try readFile("/bin/busybox", limit: 1 << 24)
        try atomicWrite(bytes, to: context.appending("busybox"), mode: 0o755, synced: false)
    }

    /// Builds with an inline Dockerfile.
    func build(
        _ dockerfile: String,
        images: [String: BaseImage] = [:],
        _ change: (inout BuildRequest) -> Void = { _ in }
    ) async throws -> Outcome {
        var request = BuildRequest(context: context)
        request.dockerfile = .inline(dockerfile)
        change(&request)
        let events = Mutex<[BuildEvent]>([])
        let references = try Dictionary(
            uniqueKeysWithValues: images.map { (try ImageReference($0.key).tagged, $0.value) }
        )
        let result = try await builder.build(
            request,
            resolveImage: { needed in
                guard let image = references[needed.reference] else { throw Unexpected(needed) }
                return image
            },
            progress: { event in events.withLock { $0.append(event) } }
        )
        return Outcome(bench: self, result: result, events: events.withLock { $0 })
    }

    /// An image that the test did not give.
    struct Unexpected: Error, CustomStringConvertible {
        let description: String
        init(_ image: PlatformImage) { description = "nobody may ask for \(image.reference)" }
    }

    /// The error of a build that must fail.
    func failure(
        _ dockerfile: String,
        _ change: (inout BuildRequest) -> Void = { _ in }
    ) async throws -> String {
        do {
            _ = try await build(dockerfile, change)
        } catch {
            return "\(error)"
        }
        Issue.record("the build did not fail")
        return ""
    }

    /// Whether any file of the state folder has a text in it.
    func holds(_ text: String) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/grep")
        process.arguments = ["-rqaF", "--exclude-dir=proc", text, root.string]
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// A build that came to its end.
    struct Outcome {
        let bench: BuildBench
        let result: BuildResult
        let events: [BuildEvent]

        var config: ContainerDefaults { result.configuration.config }
        var output: [String] {
            events.compactMap { if case .output(_, let line) = $0 { line } else { nil } }
        }
        /// `C` for a step that the cache had, `R` for one that was carried out, in order of end.
        var cached: String {
            events.map { event in
                switch event {
                case .cached: "C"
                case .finished: "R"
                default: ""
                }
            }.joined()
        }

        /// The image's files.
        func view() throws -> LayeredTree {
            let layers = try bench.store.lowerDirectories(for: result.configuration.diffIDs)
            return try LayeredTree(layers: layers, name: "image")
        }

        func text(_ path: FilePath) throws -> String? {
            try view().readFile(path, limit: 1 << 24).map { String(decoding: $0, as: UTF8.self) }
        }

        /// What is at a path, the last link not followed.
        func facts(_ path: FilePath) throws -> FileFacts? {
            try view().resolve(path, followsLast: false).entry?.facts
        }

        func names(_ path: FilePath) throws -> [String] {
            let view = try view()
            let found = try view.resolve(path)
            let folder = try found.entry.map { try found.folder.open($0.name) } ?? found.folder
            return try folder.names().map(\.string)
        }

        /// Permission bits in octal and owner: `755 0:0`.
        func mode(_ path: FilePath) throws -> String {
            let facts = try #require(try facts(path), "\(path) is missing")
            return "\(String(facts.mode, radix: 8)) \(facts.owner):\(facts.group)"
        }

        var leftovers: [String] {
            let tmp = bench.root.appending("build/tmp").string
            // A folder that was never made is empty too.
            return (try? FileManager.default.contentsOfDirectory(atPath: tmp)) ?? []
        }
    }
}
