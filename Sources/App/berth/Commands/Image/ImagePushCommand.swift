import ArgumentParser
import Engine
import OCI

extension ImageGroup {
    /// Sends an image.
    struct Push: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "push",
            abstract: "Send an image to the registry that its name says."
        )

        @OptionGroup var options: TransferOptions

        @Argument(help: ArgumentHelp("The image.", valueName: "name[:tag]"), completion: .images)
        var name: String

        func run() async throws {
            let transfer = try ImageTransfer(of: name, options, usesDefaultPlatform: false)
            let display = transfer.display
            let references = try await transfer.references {
                try await transfer.session.engine.localTags(of: transfer.asked)
            }
            display.say("The push refers to repository [\(transfer.asked.name)]")
            let slots = TransferSlots(TransferSlots.uploads)
            for reference in references {
                let pushed = try await push(reference, transfer, slots)
                display.say(
                    "\(reference.tag ?? ""): digest: \(pushed.digest) size: \(pushed.size)"
                )
                if let index = pushed.incompleteIndex, !options.quiet {
                    Terminal.line(
                        "note: what else \(index) lists (images of other platforms, attestations) "
                            + "is not here; only this image was pushed, as \(pushed.digest)",
                        to: .error
                    )
                }
            }
            if options.quiet { Terminal.line("\(transfer.whole)") }
        }

        private func push(
            _ reference: ImageReference,
            _ transfer: ImageTransfer,
            _ slots: TransferSlots
        ) async throws -> PushedImage {
            let display = transfer.display
            let subject = "Image \(reference.familiar)"
            return try await display.run(subject, "Pushing", "Pushed") {
                try await transfer.session.engine.push(
                    reference,
                    platform: transfer.platform,
                    client: transfer.client,
                    slots: slots
                ) { event in display.show(subject, Transfer(event)) }
            }
        }
    }
}
