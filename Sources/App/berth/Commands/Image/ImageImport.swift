import ArgumentParser
import Builder
import Engine
import ImageStore
import OCI

extension ImageGroup {
    /// An image from a root file system.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Make an image of one layer from the tar of a root file system."
        )

        @OptionGroup var changes: ChangeOptions

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp("What the image's history says.", valueName: "text")
        )
        var message: String?

        @Option(help: ArgumentHelp("What it runs on, os[/arch[/variant]].", valueName: "platform"))
        var platform: String?

        @Argument(
            help: ArgumentHelp(
                "A tar, plain or compressed; - is stdin.",
                valueName: "file|url|-"
            ),
            completion: .file()
        )
        var source: String

        @Argument(
            help: ArgumentHelp("The image's name.", valueName: "repository[:tag]"),
            completion: .images
        )
        var name: String?

        func run() async throws {
            var request = ImportRequest(comment: message ?? "Imported from \(source)")
            request.name = try name.map { try ChangeOptions.target($0) }
            if let platform = TransferOptions.platform(platform) {
                request.configuration.platform = try PlatformOption.read(platform)
            }
            try changes.parse().apply(to: &request.configuration)
            let complete = request
            let session = try Session.open()
            let image: ImageRecord
            if source.hasPrefix("http://") || source.hasPrefix("https://") {
                image = try await ArchiveInput.download(source) { [source] tar in
                    try await session.engine.importImage(from: tar, subject: source, complete)
                }
            } else {
                let archive = try ArchiveInput.named(source)
                image = try await session.engine.importImage(
                    from: archive.content,
                    subject: archive.subject,
                    complete
                )
            }
            Terminal.line("\(image.id)")
        }
    }
}

/// `--change` of `import` and `commit`.
struct ChangeOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp(
            """
            A Dockerfile instruction for the image: CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, \
            LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR.
            """,
            valueName: "instruction"
        )
    )
    var change: [String] = []

    func parse() throws -> ImageChanges { try ImageChanges(change) }

    /// A name as it was written. One that is none is refused as docker's command line does it,
    /// before anything else is looked at.
    static func reference(_ text: String) throws -> ImageReference {
        do {
            return try ImageReference(text)
        } catch {
            throw Failure("\(error)")
        }
    }

    /// The name for a new image: a repository with or without a tag.
    static func target(_ text: String) throws -> ImageReference {
        let name = try reference(text)
        guard name.digest == nil else {
            throw Failure("\(text): a new image cannot be named by a digest")
        }
        return name.tagged
    }
}
