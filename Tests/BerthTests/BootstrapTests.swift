import Testing

@testable import berth

@Suite("Bootstrapping an image")
struct BootstrapTests {
    @Test("takes the mirror of this machine's apt, for the suite if it has it")
    func mirror() {
        var sources = AptSources()
        sources.addLines(
            """
            # deb http://commented.example/debian bookworm main
            deb [arch=amd64 signed-by=/k.gpg] https://mirror.example/debian/ trixie main
            deb-src http://sources.example/debian bookworm main
            deb http://other.example/ubuntu noble main universe
            """
        )
        sources.addStanzas(
            """
            Types: deb
            # a comment
            URIs: http://deb.example/debian
            Suites: bookworm
             bookworm-updates
            Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

            Enabled: no
            Types: deb
            URIs: http://off.example/debian
            Suites: sid
            """
        )
        #expect(sources.mirror(of: .debian, suite: "bookworm") == "http://deb.example/debian")
        #expect(sources.mirror(of: .debian, suite: "trixie") == "https://mirror.example/debian")
        #expect(sources.mirror(of: .debian, suite: "sid") == "https://mirror.example/debian")
        #expect(sources.mirror(of: .ubuntu, suite: "noble") == "http://other.example/ubuntu")
        #expect(AptSources().mirror(of: .debian, suite: "sid") == nil)
    }

    @Test("reads when a suite was published")
    func date() {
        let release = "Origin: Debian\nDate: Sat, 11 Jul 2026 10:16:37 UTC\nSuite: stable\n"
        #expect(ReleaseDate.seconds(in: release) == 1_783_764_997)
        #expect(ReleaseDate.seconds(in: "Date: Thu, 01 Jan 1970 00:00:00 UTC") == 0)
        #expect(ReleaseDate.seconds(in: "Date: yesterday") == nil)
        #expect(ReleaseDate.seconds(in: "") == nil)
    }

    @Test(
        "refuses what is no distribution and suite",
        arguments: [
            "debian", "debian:", "alpine:3", "debian:../x", "debian:-x", "debian:Book worm",
        ]
    )
    func names(_ text: String) {
        #expect(throws: Failure.self) { try BootstrapRecipe.parse(text) }
    }

    @Test("knows architectures by dpkg's word and by an image's")
    func architectures() throws {
        #expect("\(try BootstrapRecipe.architecture("armhf").platform)" == "linux/arm/v7")
        #expect(try BootstrapRecipe.architecture("linux/arm64").dpkg == "arm64")
        #expect(try BootstrapRecipe.architecture("linux/arm/v7").dpkg == "armhf")
        #expect(throws: Failure.self) { try BootstrapRecipe.architecture("sparc64") }
    }

    @Test("names the same packages to either tool")
    func arguments() {
        let recipe = BootstrapRecipe(
            distribution: .debian,
            suite: "bookworm",
            mirror: "http://deb.example/debian",
            include: ["python3", "ca-certificates"],
            architecture: "amd64",
            components: ["main"],
            keyring: "/k.gpg"
        )
        #expect(
            recipe.updates.map { "\($0.mirror) \($0.suite)" } == [
                "http://deb.example/debian bookworm-updates",
                "http://deb.example/debian-security bookworm-security",
            ]
        )
        let mmdebstrap = BootstrapTool(kind: .mmdebstrap, path: "/usr/bin/mmdebstrap")
            .arguments(recipe, updates: [recipe.updates[0]], into: "/t")
        #expect(mmdebstrap.contains("--include=python3,ca-certificates"))
        // Otherwise the image would have this machine's.
        let hook = mmdebstrap.first { $0.hasPrefix("--customize-hook=") }
        #expect(hook?.contains("for f in hostname resolv.conf") == true)
        #expect(
            mmdebstrap.suffix(4) == [
                "bookworm", "-", "deb http://deb.example/debian bookworm main",
                "deb http://deb.example/debian bookworm-updates main",
            ]
        )
        let debootstrap = BootstrapTool(kind: .debootstrap, path: "/usr/sbin/debootstrap")
            .arguments(recipe, updates: [], into: "/t")
        #expect(debootstrap.suffix(3) == ["bookworm", "/t", "http://deb.example/debian"])
    }
}
