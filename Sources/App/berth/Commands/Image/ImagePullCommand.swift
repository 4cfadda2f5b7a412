import ArgumentParser
import Engine
import OCI
import Registry

extension ImageGroup {
    /// Fetches an image.
    struct Pull: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pull",
            abstract: "Fetch an image from its registry."
        )

        @OptionGroup var options: TransferOptions

        @Argument(help: ArgumentHelp("The image.", valueName: "name[:tag|@digest]"))
        var name: String

        func run() async throws {
            try options.checkTrust()
            let asked = try options.reference(name)
            let platform = try options.chosenPlatform()
            let session = try Session.open()
            let display = options.display()
            let client = RegistryClient.Lazy().client(logger: session.logger)
            var references = [asked.tagged]
            if options.allTags {
                references = try await client.tags(of: asked).compactMap { asked.with(tag: $0) }
                guard !references.isEmpty else {
                    throw Failure(engine: "\(asked.familiarName) has no tags")
                }
            } else if asked.tag == nil, asked.digest == nil {
                display.say("Using default tag: \(ImageReference.defaultTag)")
            }
            let slots = TransferSlots(TransferSlots.downloads)
            var isNew = false
            for reference in references {
                let result = try await pull(reference, platform, session, client, slots, display)
                isNew = isNew || result.isNew
            }
            let whole = options.allTags ? asked : asked.tagged
            display.say(
                isNew
                    ? "Status: Downloaded newer image for \(whole.familiar)"
                    : "Status: Image is up to date for \(whole.familiar)"
            )
            Terminal.line("\(whole)")
        }

        private func pull(
            _ reference: ImageReference,
            _ platform: Platform?,
            _ session: Session,
            _ client: RegistryClient,
            _ slots: TransferSlots,
            _ display: TransferDisplay
        ) async throws -> PullResult {
            let subject = "Image \(reference.familiar)"
            let label = reference.digest?.description ?? reference.tag ?? ""
            display.say("\(label): Pulling from \(reference.path)")
            let result = try await display.run(subject, "Pulling", "Pulled") {
                try await session.engine.pull(
                    reference,
                    platform: platform,
                    client: client,
                    slots: slots
                ) { event in display.show(subject, Transfer(event)) }
            }
            display.say("Digest: \(result.digest)")
            return result
        }
    }
}
