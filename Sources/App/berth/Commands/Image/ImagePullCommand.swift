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

        @Argument(
            help: ArgumentHelp("The image.", valueName: "name[:tag|@digest]"),
            completion: .images
        )
        var name: String

        func run() async throws {
            let transfer = try ImageTransfer(of: name, options, usesDefaultPlatform: true)
            let display = transfer.display
            let references = try await transfer.references {
                let tags = try await transfer.client.tags(of: transfer.asked)
                guard !tags.isEmpty else {
                    throw Failure(engine: "\(transfer.asked.familiarName) has no tags")
                }
                return tags.compactMap { transfer.asked.with(tag: $0) }
            }
            let slots = TransferSlots(TransferSlots.downloads)
            var isNew = false
            for reference in references {
                let result = try await pull(reference, transfer, slots)
                isNew = isNew || result.isNew
            }
            display.say(
                isNew
                    ? "Status: Downloaded newer image for \(transfer.whole.familiar)"
                    : "Status: Image is up to date for \(transfer.whole.familiar)"
            )
            Terminal.line("\(transfer.whole)")
        }

        private func pull(
            _ reference: ImageReference,
            _ transfer: ImageTransfer,
            _ slots: TransferSlots
        ) async throws -> PullResult {
            let display = transfer.display
            let subject = "Image \(reference.familiar)"
            let label = reference.digest?.description ?? reference.tag ?? ""
            display.say("\(label): Pulling from \(reference.path)")
            let result = try await display.run(subject, "Pulling", "Pulled") {
                try await transfer.session.engine.pull(
                    reference,
                    platform: transfer.platform,
                    client: transfer.client,
                    slots: slots
                ) { event in display.show(subject, Transfer(event)) }
            }
            display.say("Digest: \(result.digest)")
            return result
        }
    }
}
