import OCI
import Testing

@testable import berth

/// What `build --platform` takes.
@Suite("the platform of a build")
struct BuildPlatformTests {
    private static let host = Platform(os: "linux", architecture: "amd64")

    @Test(
        "the machine's own is nothing special, however it is written",
        arguments: [
            [], ["linux/amd64"], ["local"], ["x86_64", "linux/amd64"], ["local,linux/amd64"], [""],
            ["linux/amd64, linux/amd64/v1"],
        ]
    )
    func own(texts: [String]) throws {
        #expect(try BuildWishes.platform(texts, host: Self.host) == nil)
    }

    @Test(
        "another one is taken",
        arguments: [
            (["linux/arm64"], "linux/arm64"), (["linux/arm", "linux/arm/v7"], "linux/arm/v7"),
            (["linux/386"], "linux/386"), (["linux/amd64/v2"], "linux/amd64/v2"),
        ]
    )
    func foreign(texts: [String], expected: String) throws {
        let platform = try BuildWishes.platform(texts, host: Self.host)
        let wanted = try Platform(expected).normalized
        #expect(platform?.normalized == wanted)
    }

    @Test(
        "several are refused, in a list, too",
        arguments: [
            ["linux/amd64,linux/arm64"], ["linux/arm64", "linux/arm/v7"], ["local", "386"],
        ]
    )
    func refused(texts: [String]) {
        let failure = #expect(throws: Failure.self) {
            try BuildWishes.platform(texts, host: Self.host)
        }
        #expect(
            failure?.description.contains("an index of images for several platforms is not written")
                == true,
            "\(failure?.description ?? "")"
        )
    }
}
