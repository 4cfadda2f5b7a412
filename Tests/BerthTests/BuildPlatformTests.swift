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
            ["linux/amd64"], ["local"], ["x86_64", "linux/amd64"], ["local,linux/amd64"],
            ["linux/amd64, linux/amd64/v1"],
        ]
    )
    func own(texts: [String]) throws {
        #expect(try BuildWishes.platforms(texts, host: Self.host) == [Self.host])
    }

    @Test("nothing is said", arguments: [[], [""], [",", " "]])
    func none(texts: [String]) throws {
        #expect(try BuildWishes.platforms(texts, host: Self.host).isEmpty)
    }

    @Test(
        "others are taken in their order, each once",
        arguments: [
            (["linux/arm64"], ["linux/arm64"]), (["linux/arm", "linux/arm/v7"], ["linux/arm/v7"]),
            (["linux/386"], ["linux/386"]), (["linux/amd64/v2"], ["linux/amd64/v2"]),
            (["linux/arm64,local", "linux/arm64"], ["linux/arm64", "linux/amd64"]),
        ]
    )
    func others(texts: [String], expected: [String]) throws {
        let platforms = try BuildWishes.platforms(texts, host: Self.host)
        let wanted = try expected.map { try Platform($0).normalized }
        #expect(platforms.map(\.normalized) == wanted)
    }
}
