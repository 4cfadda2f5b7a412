import ContainerRuntime
import Glibc
import ImageStore
import Linux
import OCI
import SystemPackage
import Testing
import TestSupport

@testable import Builder

@Suite("The build cache", .tags(.root), .enabled(if: isRoot), .timeLimit(.minutes(3)))
struct CacheTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    private static let dockerfile = """
        FROM scratch
        COPY busybox /bin/
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        WORKDIR /app
        COPY src /app
        ARG MODE=a
        RUN cat one > /all; true

        """

    private func prepare() async throws -> BuildBench.Outcome {
        try bench.addBusybox()
        try bench.write("one", to: "src/one")
        try bench.write("two", to: "src/sub/two")
        let first = try await bench.build(Self.dockerfile)
        #expect(first.cached == "RRRRR")
        return first
    }

    @Test("an unchanged build gives the same image at once")
    func unchanged() async throws {
        let first = try await prepare()
        let second = try await bench.build(Self.dockerfile)
        #expect(second.cached == "CCCCC")
        #expect(second.result.image == first.result.image)
        #expect(second.result.manifest == first.result.manifest)
    }

    @Test("times of files do not count")
    func times() async throws {
        _ = try await prepare()
        let times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 2, tv_nsec: 0)]
        utimensat(AT_FDCWD, bench.context.appending("src/one").string, times, 0)
        #expect(try await bench.build(Self.dockerfile).cached == "CCCCC")
    }

    /// What is changed in a built context, and which steps are carried out again.
    enum Change: String, CaseIterable {
        case content, mode, name, added, removed, link

        func apply(_ bench: BuildBench) throws {
            let one = bench.context.appending("src/one").string
            switch self {
            case .content: try bench.write("new", to: "src/one")
            case .mode: chmod(one, 0o600)
            case .name: rename(one, one + "x")
            case .added: try bench.write("", to: "src/sub/three")
            case .removed: unlink(one)
            case .link:
                unlink(one)
                symlink("sub/two", one)
            }
        }
    }

    @Test(
        "whatever else of a file changes carries out its COPY and what follows",
        arguments: Change.allCases
    )
    func changed(_ change: Change) async throws {
        _ = try await prepare()
        try change.apply(bench)
        #expect(try await bench.build(Self.dockerfile).cached == "CCCRR")
    }

    @Test("a file of the same size and time but other content is noticed")
    func sameSize() async throws {
        let first = try await prepare()
        try bench.write("eno", to: "src/one")
        let second = try await bench.build(Self.dockerfile)
        #expect(second.cached == "CCCRR")
        #expect(try second.text("/all") == "eno")
        #expect(first.result.image != second.result.image)
    }

    @Test(
        "a changed line carries out itself and what follows",
        arguments: [
            ("cat one > /all", "cat one > /other", "CCCCR"), ("MODE=a", "MODE=b", "CCCCR"),
            ("COPY src /app", "COPY src /elsewhere", "CCCRR"),
            ("COPY src", "COPY --chmod=777 src", "CCCRR"), ("WORKDIR /app", "WORKDIR /x", "CCRRR"),
            ("WORKDIR", "ENV A=b\nWORKDIR", "CCCCR"), ("WORKDIR", "LABEL A=b\nWORKDIR", "CCCCC"),
            ("WORKDIR", "USER 1\nWORKDIR", "CCRRR"), ("FROM scratch", "FROM scratch AS x", "CCCCC"),
            ("WORKDIR", "EXPOSE 80\nCMD x\nWORKDIR", "CCCCC"),
        ]
    )
    func changedLine(old: String, new: String, cached: String) async throws {
        _ = try await prepare()
        let changed = Self.dockerfile.replacing(old, with: new)
        #expect(try await bench.build(changed).cached == cached)
    }

    @Test("the cache can be left out, and is filled all the same")
    func withoutCache() async throws {
        _ = try await prepare()
        #expect(try await bench.build(Self.dockerfile) { $0.ignoresCache = true }.cached == "RRRRR")
        #expect(try await bench.build(Self.dockerfile).cached == "CCCCC")
    }

    @Test("a stage that is made again with the same files changes nothing above it")
    func contentOfStages() async throws {
        try bench.write("x", to: "x")
        let text = "FROM scratch AS a\nLABEL n=1\nCOPY x /x\nFROM scratch\nCOPY --from=a /x /y\n"
        _ = try await bench.build(text)
        let other = text.replacing("COPY x /x\n", with: "COPY x /other\nCOPY x /x\n")
        #expect(try await bench.build(other).cached == "RRC")
    }

    @Test("a proxy is for this build only")
    func proxies() async throws {
        _ = try await prepare()
        let text = Self.dockerfile.replacing("cat one >", with: "echo $http_proxy >")
        let first = try await bench.build(text) { $0.arguments = ["http_proxy": "http://one"] }
        #expect(try first.text("/all") == "http://one\n")
        let second = try await bench.build(text) { $0.arguments = ["http_proxy": "http://two"] }
        #expect(second.cached == "CCCCC")
        #expect(!second.config.environment.contains { $0.contains("proxy") })
        #expect(
            second.result.configuration.history.allSatisfy {
                $0.createdBy?.contains("http:") == false
            }
        )
    }

    @Test("a step that failed is not remembered")
    func failed() async throws {
        _ = try await prepare()
        let text = Self.dockerfile + "RUN test -e /never\n"
        for _ in 0..<2 {
            #expect(try await bench.failure(text).contains("exit code: 1"))
        }
    }

    @Test("a record that is damaged, or whose layer is gone, is none")
    func damaged() async throws {
        _ = try await prepare()
        let layers = try bench.builder.cachedLayers()
        #expect(layers.count == 5)
        try removeTree(bench.store.root.appending("layers"))
        try makeDirectories(bench.store.root.appending("layers"))
        try removeTree(bench.store.root.appending("stacks"))
        try makeDirectories(bench.store.root.appending("stacks"))
        #expect(try await bench.build(Self.dockerfile).cached == "RRRRR")
        try bench.builder.forgetCache()
        #expect(try bench.builder.cachedLayers().isEmpty)
        #expect(try await bench.build(Self.dockerfile).cached == "RRRRR")
    }

    @Test("what a killed build left is removed by the next one")
    func killed() async throws {
        _ = try await prepare()
        let tmp = bench.root.appending("build/tmp")
        let id = ContainerID.random().text
        try makeDirectories(tmp.appending("dead").appending(id).appending("upper"))
        try atomicWrite([], to: tmp.appending("dead.lock"))
        try makeDirectories(tmp.appending("alive").appending(id))
        let alive = try FileLock.tryAcquire(tmp.appending("alive.lock"))
        let half = bench.root.appending("build/cache/ab/.key.abc.tmp")
        try makeDirectories(half.removingLastComponent())
        try atomicWrite([1], to: half)
        let image = try await bench.build(Self.dockerfile)
        #expect(Set(image.leftovers) == ["alive", "alive.lock"])
        #expect(access(half.string, F_OK) != 0)
        withExtendedLifetime(alive) {}
    }

    @Test("a cancelled build ends its RUN and leaves nothing")
    func cancelled() async throws {
        let first = try await prepare()
        let bench = bench
        let started = AsyncStream<Void>.makeStream()
        let request = {
            var request = BuildRequest(context: bench.context)
            request.dockerfile = .inline(Self.dockerfile + "RUN echo up; exec sleep 1000\n")
            return request
        }()
        let build = Task {
            try await bench.builder.build(
                request,
                resolveImage: { _ in throw CancellationError() },
                progress: { event in
                    if case .output(_, "up") = event { started.continuation.yield() }
                }
            )
        }
        for await _ in started.stream { break }
        build.cancel()
        await #expect(throws: CancellationError.self) { try await build.value }
        #expect(first.leftovers.isEmpty)
    }
}
