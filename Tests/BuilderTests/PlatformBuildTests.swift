import OCI
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Builder

/// Builds for other platforms than the machine's.
@Suite(
    "root: builds for other platforms",
    .tags(.root),
    .enabled(if: isRoot),
    .timeLimit(.minutes(2))
)
struct PlatformBuildTests {
    let bench: BuildBench
    init() throws { bench = try BuildBench() }

    /// One whose programs no machine runs.
    private static let foreign = Platform(os: "linux", architecture: "pdp11")

    @Test("without RUN nothing of the platform has to run")
    func files() async throws {
        try bench.write("a", to: "a")
        let image = try await bench.build(
            """
            FROM scratch
            ARG TARGETPLATFORM TARGETARCH BUILDPLATFORM
            WORKDIR /$TARGETARCH
            COPY a $TARGETARCH
            LABEL to=$TARGETPLATFORM from=$BUILDPLATFORM

            """
        ) { $0.platform = Self.foreign }
        #expect(try image.text("/pdp11/pdp11") == "a")
        #expect(image.result.configuration.platform == Self.foreign)
        #expect(image.config.labels == ["to": "linux/pdp11", "from": "\(Platform.host)"])
    }

    @Test("what runs here may be copied into what is for there")
    func crossed() async throws {
        try bench.addBusybox()
        let own = try await bench.build(BuildBench.busybox).result.base
        var other = own
        other.configuration.platform = Self.foreign
        let asked = Mutex<[String]>([])
        var request = BuildRequest(context: bench.context)
        request.platform = Self.foreign
        request.dockerfile = .inline(
            """
            FROM --platform=$BUILDPLATFORM base AS build
            ARG TARGETARCH
            RUN echo for $TARGETARCH > /made
            FROM base
            COPY --from=build /made /made

            """
        )
        let (mine, theirs) = (own, other)
        let result = try await bench.builder.build(
            request,
            resolveImage: { needed in
                asked.withLock { $0.append("\(needed.platform)") }
                return needed.platform == Self.foreign ? theirs : mine
            }
        )
        #expect(result.configuration.platform == Self.foreign)
        let outcome = BuildBench.Outcome(bench: bench, result: result, events: [])
        #expect(try outcome.text("/made") == "for pdp11\n")
        #expect(asked.withLock { $0.sorted() } == ["\(Platform.host)", "linux/pdp11"].sorted())
    }

    @Test("a RUN of another platform that cannot run is refused at its line, with what to do")
    func refused() async throws {
        let text = "FROM scratch AS unused\nRUN true\nFROM scratch\nCOPY . /\nRUN make\n"
        let failure = try await bench.failure(text) { $0.platform = Self.foreign }
        #expect(
            failure.contains("dockerfile_inline:5: a step of linux/pdp11 cannot run: "),
            "\(failure)"
        )
        #expect(failure.contains("FROM --platform=$BUILDPLATFORM"))
    }

    @Test("a stage that begins with another one is for what that is for")
    func inherited() async throws {
        let image = try await bench.build(
            "FROM --platform=linux/pdp11 scratch AS a\nFROM a\nLABEL x=y\n"
        )
        #expect(image.result.configuration.platform == Self.foreign)
    }
}
