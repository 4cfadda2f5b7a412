import ArgumentParser
import Engine
import OCI
import Registry

extension ImageGroup {
    /// Sends an image.
    struct Push: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "push",
            abstract: "Send an image to the registry that its name says."
        )

        @OptionGroup var options: TransferOptions

        @Argument(help: ArgumentHelp("The image.", valueName: "name[:tag]"))
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
                references = try await session.engine.localTags(of: asked)
            } else if asked.tag == nil, asked.digest == nil {
                display.say("Using default tag: \(ImageReference.defaultTag)")
            }
            display.say("The push refers to repository [\(asked.name)]")
            let slots = TransferSlots(TransferSlots.uploads)
            for reference in references {
                let pushed = try await push(reference, platform, session, client, slots, display)
                display.say(
                    "\(reference.tag ?? ""): digest: \(pushed.digest) size: \(pushed.size)"
                )
                if let index = pushed.incompleteIndex, !options.quiet {
                    Terminal.line(
                        "note: the images of other platforms that \(index) lists are not here; "
                            + "only this one was pushed, as \(pushed.digest)",
                        to: .error
                    )
                }
            }
            if options.quiet { Terminal.line("\(options.allTags ? asked : asked.tagged)") }
        }

        private func push(
            _ reference: ImageReference,
            _ platform: Platform?,
            _ session: Session,
            _ client: RegistryClient,
            _ slots: TransferSlots,
            _ display: TransferDisplay
        ) async throws -> PushedImage {
            let subject = "Image \(reference.familiar)"
            return try await display.run(subject, "Pushing", "Pushed") {
                try await session.engine.push(
                    reference,
                    platform: platform,
                    client: client,
                    slots: slots
                ) { event in display.show(subject, Transfer(event)) }
            }
        }
    }
}
