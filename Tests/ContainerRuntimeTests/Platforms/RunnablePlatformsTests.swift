import ContainerRuntime
import Linux
import OCI
import SystemPackage
import TestSupport
import Testing

@Suite("platforms that can run here")
struct RunnablePlatformsTests {
    private static let qemu = """
        enabled
        interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
        flags: POCF
        offset 0
        magic 7f454c460201010000000000000000000200b700
        mask ffffffffffffff00fffffffffffffffffeffffff

        """
    private static let amd64 = Platform(os: "linux", architecture: "amd64")

    private func answer(
        _ platform: String,
        _ files: [String: String],
        status: String? = "enabled\n"
    ) throws -> RunnablePlatforms.Answer {
        let folder = try Scratch()
        if let status { try atomicWrite(Array(status.utf8), to: folder.path.appending("status")) }
        for (name, text) in files {
            try atomicWrite(Array(text.utf8), to: folder.path.appending(name))
        }
        return RunnablePlatforms(host: Self.amd64, listing: folder.path)
            .answer(try Platform(platform, base: Self.amd64))
    }

    @Test(
        "the machine's own family runs natively, and what an interpreter takes by it",
        arguments: [
            ("linux/amd64", .native), ("linux/386", .native),
            ("linux/arm64", .emulated("/usr/libexec/qemu-binfmt/aarch64-binfmt-P")),
        ] as [(String, RunnablePlatforms.Answer)]
    )
    func runs(platform: String, expected: RunnablePlatforms.Answer) throws {
        #expect(try answer(platform, ["qemu-aarch64": Self.qemu]) == expected)
    }

    @Test(
        "what cannot run is refused with what to do",
        arguments: [
            ("linux/s390x", qemu, "enabled\n", "no interpreter for linux/s390x is registered"),
            ("linux/arm/v7", qemu, "enabled\n", "qemu-user-static"),
            ("linux/arm64", qemu, "disabled\n", "no interpreter"),
            ("linux/arm64", qemu, nil, "no interpreter"),
            ("linux/arm64", qemu.replacing("POCF", with: "POC"), "enabled\n", "without the flag F"),
            (
                "linux/arm64", qemu.replacing("enabled", with: "disabled"), "enabled\n",
                "no interpreter"
            ),
            ("windows/amd64", qemu, "enabled\n", "programs of linux, not of windows"),
            ("linux/amd64/v2", qemu, "enabled\n", "name linux/amd64"),
        ] as [(String, String, String?, String)]
    )
    func refusals(platform: String, file: String, status: String?, words: String) throws {
        guard case .refused(let reason) = try answer(platform, ["qemu": file], status: status)
        else {
            Issue.record("\(platform) is not refused")
            return
        }
        #expect(reason.contains(words))
    }
}
