import Glibc
import Linux
import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Builder

/// Two builds that come to the same step: one carries it out, the other takes what it gave.
@Suite(
    "root: one build of the same step",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct SharedStepTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    /// The step counts itself, and ends when somebody lets it.
    private static let dockerfile =
        BuildBench.busybox + """
            RUN --mount=type=cache,id=count,target=/c \
                echo x >> /c/count; until test -e /c/go; do sleep 0.05; done; \(end)

            """
    private static let end = "test ! -e /c/fail || exit 3; cp /c/count /count"

    private func request() -> BuildRequest {
        var request = BuildRequest(context: bench.context)
        request.dockerfile = .inline(Self.dockerfile)
        return request
    }

    private func build(
        _ request: BuildRequest,
        hears: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> Digest {
        try await bench.builder.build(
            request,
            resolveImage: { throw BuildBench.Unexpected($0) },
            progress: hears
        ).image
    }

    /// What the step sees as /c; nil as long as it has none.
    private func cache() throws -> FilePath? {
        let caches = try CacheMounts(folder: bench.root.appending("build/mounts")).all()
        return caches.first { $0.id == "count" }?.data
    }

    /// How often the step began; 0 before the first time.
    private func count() throws -> Int {
        guard let cache = try cache() else { return 0 }
        // `try?`: the step has not written it yet.
        let bytes = (try? readFile(cache.appending("count"), limit: 100)) ?? []
        return bytes.count { $0 == UInt8(ascii: "x") }
    }

    /// Starts both; the step is let go when the second build waits for the first. Gives their ends.
    private func both(
        _ change: @escaping @Sendable (inout BuildRequest) -> Void = { _ in },
        failing: Bool = false
    ) async throws -> [Result<Digest, any Error>] {
        try bench.addBusybox()
        _ = try await bench.build(BuildBench.busybox)
        let waiting = AsyncStream<Void>.makeStream()
        var request = request()
        change(&request)
        let asked = request
        let builds = (0..<2).map { _ in
            Task {
                try await build(asked) { event in
                    if case .explained(_, let text) = event, text.hasPrefix("waiting for") {
                        waiting.continuation.yield()
                    }
                }
            }
        }
        for await _ in waiting.stream { break }
        try await Wait.until { try count() == 1 }
        let cache = try #require(try cache())
        if failing { try atomicWrite([], to: cache.appending("fail"), synced: false) }
        try atomicWrite([], to: cache.appending("go"), synced: false)
        var ends: [Result<Digest, any Error>] = []
        for build in builds { ends.append(await build.result) }
        return ends
    }

    @Test("is carried out once")
    func once() async throws {
        let ends = try await both()
        let images = try ends.map { try $0.get() }
        #expect(images[0] == images[1])
        #expect(try count() == 1)
        let left = bench.root.appending("build/steps").string
        #expect(access(left, F_OK) == 0)
        #expect(try openFile(FilePath(left), O_RDONLY | O_DIRECTORY).entryNames().isEmpty)
    }

    @Test("is carried out by the other where it fails")
    func failing() async throws {
        let ends = try await both(failing: true)
        for end in ends { #expect(throws: BuildError.self) { try end.get() } }
        #expect(try count() == 2)
    }

    @Test("what a killed build left is no hindrance, and goes")
    func killed() async throws {
        let place = bench.root.appending("build/steps")
        try makeDirectories(place)
        try atomicWrite([], to: place.appending("dead"), synced: false)
        let alive = try FileLock.tryAcquire(place.appending("alive"))
        try makeDirectories(bench.root.appending("build/tmp"))
        try atomicWrite([], to: bench.root.appending("build/tmp/dead.lock"), synced: false)
        _ = try await bench.build("FROM scratch\nCOPY . /\n")
        let names = try openFile(place, O_RDONLY | O_DIRECTORY).entryNames().map(\.string)
        #expect(names == ["alive"])
        withExtendedLifetime(alive) {}
    }
}

/// Waiting for what another task does.
private enum Wait {
    static func until(_ condition: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try !condition() {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
