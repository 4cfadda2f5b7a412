import ArgumentParser
import Engine
import ImageStore
import OCI

extension ImageGroup {
    /// Images as one archive.
    struct Save: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "save",
            abstract: "Write images into one tar archive, to a file or stdout.",
            discussion: """
                The archive is an OCI layout and a docker archive at once: `load`, docker, podman \
                and skopeo read it. A repository without a tag is saved with all its tags.
                """
        )

        @OptionGroup var archive: ArchiveTarget

        @Option(
            help: ArgumentHelp(
                "The images for this platform, of those that the names stand for.",
                valueName: "os/arch[/variant]"
            )
        )
        var platform: String?

        @Argument(help: ArgumentHelp("The images.", valueName: "image"), completion: .images)
        var images: [String]

        func run() async throws {
            let wanted = try platform.map { try PlatformOption.read($0) }
            guard let session = try Session.openIfAny() else {
                throw EngineError.noSuchImage(images.first ?? "")
            }
            let images = try await session.engine.imagesToSave(images, platform: wanted)
            let target = try ArchiveOutput(archive.output, doing: "save")
            try await target.fill {
                try await session.engine.save(images) { try target.write($0) }
            }
        }
    }
}
