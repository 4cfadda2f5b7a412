import Synchronization
import Testing
import TestSupport

@testable import Builder

/// What is wrong with a line is told before the first step is carried out.
@Suite("root: lines are read before steps run", .tags(.root), .enabled(if: isRoot))
struct RehearsalTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    private static let first = "FROM scratch\nCOPY a /a\n"

    @Test(
        "before anything is done",
        arguments: [
            ("RUN --network=host x", "needs the entitlement network.host"),
            ("RUN --security=insecure x", "needs the entitlement security.insecure"),
            (
                "ADD --checksum=sha256:12 a /b",
                "checksum can't be specified for non-HTTP(S) sources"
            ),
            ("COPY --chmod=rwx a /x", "invalid --chmod rwx"),
            ("WORKDIR /${A:?none}", "A: none"),
            ("STOPSIGNAL FOO", "invalid signal: FOO"),
            ("RUN --mount=type=cache,target=/ x", "invalid mount target"),
        ]
    )
    func early(line: String, reason: String) async throws {
        try bench.write("a", to: "a")
        let begun = Mutex(0)
        var request = BuildRequest(context: bench.context)
        request.dockerfile = .alone(Self.first + line + "\n")
        let error = await #expect(throws: BuildError.self) {
            _ = try await bench.builder.build(
                request,
                resolveImage: { throw BuildBench.Unexpected($0) },
                progress: { if case .started = $0 { begun.withLock { $0 += 1 } } }
            )
        }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        #expect(error?.file == "Dockerfile" && error?.line == 3)
        #expect(error?.excerpt?.contains(">>> \(line)") == true)
        #expect(begun.withLock { $0 } == 0)
    }

    @Test("all of it at once, and nothing of stages that are not needed")
    func all() async throws {
        try bench.write("a", to: "a")
        let text = """
            FROM scratch AS unused
            STOPSIGNAL ONE
            FROM scratch
            COPY --chmod=rwx a /a
            STOPSIGNAL TWO

            """
        let failure = try await bench.failure(text)
        #expect(failure.contains("dockerfile_inline:4: invalid --chmod rwx"), "\(failure)")
        #expect(failure.contains("dockerfile_inline:5: invalid signal: TWO"), "\(failure)")
        #expect(!failure.contains("ONE"), "\(failure)")
    }
}
