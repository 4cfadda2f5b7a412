import ContainerRuntime
import OCI
import SystemPackage
import Testing

@testable import berth

/// What `build --platform` takes.
@Suite("the platform of a build")
struct BuildPlatformTests {
    /// Nothing is registered for others there.
    private static let machine = RunnablePlatforms(
        host: Platform(os: "linux", architecture: "amd64"),
        listing: "/proc/self/no-such-folder"
    )

    @Test(
        "the machine's own is taken, however it is written",
        arguments: [
            [], ["linux/amd64"], ["local"], ["x86_64", "linux/amd64"], ["local,linux/amd64"], [""],
            ["linux/amd64, linux/amd64/v1"],
        ]
    )
    func taken(texts: [String]) throws {
        try BuildWishes.check(platforms: texts, on: Self.machine)
    }

    @Test(
        "others are refused by their names, in a list, too",
        arguments: [
            (["linux/amd64,linux/arm64"], "--platform linux/arm64: this machine is linux/amd64"),
            (
                ["linux/arm64", "linux/amd64"],
                "--platform linux/arm64: this machine is linux/amd64"
            ),
            (["linux/386"], "--platform linux/386: this machine builds for linux/amd64"),
            (["linux/amd64/v2"], "--platform linux/amd64/v2: this machine counts as linux/amd64"),
        ]
    )
    func refused(texts: [String], start: String) {
        let failure = #expect(throws: Failure.self) {
            try BuildWishes.check(platforms: texts, on: Self.machine)
        }
        #expect(failure?.description.hasPrefix(start) == true, "\(failure?.description ?? "")")
    }
}
