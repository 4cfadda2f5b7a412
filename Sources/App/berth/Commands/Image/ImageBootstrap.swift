import ArgumentParser
import Engine
import Glibc
import Linux
import OCI
import SystemPackage

extension ImageGroup {
    /// A base image without a registry.
    struct Bootstrap: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bootstrap",
            abstract: "Make a base image from a distribution's packages, without a registry.",
            discussion: """
                Runs mmdebstrap or debootstrap, whichever is installed, where it can write to a \
                folder of its own only. The mirror is the one this machine's apt uses. Made again \
                from the same packages, the image has the same identifier (with mmdebstrap).
                """
        )

        @Option(help: ArgumentHelp("Where the packages come from.", valueName: "url"))
        var mirror: String?

        @Option(
            help: ArgumentHelp("minbase, buildd, important, …: the tool's word.", valueName: "name")
        )
        var variant = "minbase"

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("Further packages, separated by commas.", valueName: "packages")
        )
        var include: [String] = []

        @Option(help: ArgumentHelp("amd64, arm64, armhf, …; ours without it.", valueName: "name"))
        var arch: String?

        @Option(
            parsing: .singleValue,
            help: ArgumentHelp("main, contrib, …, separated by commas.", valueName: "names")
        )
        var components: [String] = []

        @Option(
            help: ArgumentHelp("Keys that the packages are signed with.", valueName: "file"),
            completion: .file()
        )
        var keyring: String?

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp("The image's name, instead of debian:bookworm.", valueName: "name")
        )
        var tag: [String] = []

        @Flag(name: .customLong("no-updates"), help: "Take the release as it was, without fixes.")
        var noUpdates = false

        @Flag(name: .shortAndLong, help: "Print the identifier only.")
        var quiet = false

        @Argument(
            help: ArgumentHelp("debian:bookworm, ubuntu:noble, …", valueName: "distribution:suite")
        )
        var what: String

        func run() async throws {
            let (distribution, suite) = try BootstrapRecipe.parse(what)
            let (architecture, platform) = try BootstrapRecipe.architecture(arch)
            let names = try (tag.isEmpty ? [what] : tag).map { try ChangeOptions.target($0) }
            let address =
                try mirror ?? Self.aptSources().mirror(of: distribution, suite: suite)
                ?? distribution.mirror(for: architecture)
            let recipe = BootstrapRecipe(
                distribution: distribution,
                suite: suite,
                mirror: try Self.checked(address),
                variant: try Self.words([variant], "--variant").first ?? "minbase",
                include: try Self.words(include, "--include"),
                architecture: architecture,
                components: components.isEmpty
                    ? distribution.components : try Self.words(components, "--components"),
                keyring: keyring ?? distribution.keyring
            )
            let tool = try BootstrapTool.find()
            let session = try Session.open()
            let image = try await BootstrapRun(
                session: session,
                recipe: recipe,
                platform: platform,
                tool: tool,
                isQuiet: quiet,
                wantsUpdates: !noUpdates,
                names: names
            ).run()
            Terminal.line("\(image.id)")
        }

        private static func checked(_ mirror: String) throws -> String {
            var mirror = mirror
            while mirror.hasSuffix("/") { mirror.removeLast() }
            guard mirror.hasPrefix("http://") || mirror.hasPrefix("https://"),
                !mirror.contains(where: \.isWhitespace)
            else { throw Failure("--mirror takes an http or https address, not \(mirror)") }
            return mirror
        }

        /// Names that cannot be taken for options.
        private static func words(_ values: [String], _ option: String) throws -> [String] {
            try values.flatMap { $0.split(separator: ",") }.map { word in
                let isName = word.utf8.allSatisfy { byte in
                    switch byte {
                    case 97...122, 48...57, 43, 45, 46: true
                    default: false
                    }
                }
                guard isName, word.first != "-" else {
                    throw Failure("\(option): \(word) is not a name")
                }
                return String(word)
            }
        }

        /// What this machine's apt reads.
        private static func aptSources() throws -> AptSources {
            var sources = AptSources()
            func text(_ path: FilePath) -> String {
                // A file that cannot be read says nothing about mirrors.
                String(decoding: (try? readFile(path, limit: 1 << 20)) ?? [], as: UTF8.self)
            }
            sources.addLines(text("/etc/apt/sources.list"))
            let folder: FilePath = "/etc/apt/sources.list.d"
            for name in try folderEntries(folder).sorted() {
                if name.hasSuffix(".list") { sources.addLines(text(folder.appending(name))) }
                if name.hasSuffix(".sources") { sources.addStanzas(text(folder.appending(name))) }
            }
            return sources
        }
    }
}
