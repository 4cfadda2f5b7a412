import ArgumentParser
import Engine
import OCI

extension ImageGroup {
    /// Another name for an image.
    struct Tag: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tag",
            abstract: "Give an image another name."
        )

        @Argument(
            help: ArgumentHelp("The image.", valueName: "source-image[:tag]"),
            completion: .images
        )
        var source: String

        @Argument(
            help: ArgumentHelp("Its further name.", valueName: "target-image[:tag]"),
            completion: .images
        )
        var target: String

        func run() async throws {
            let name: ImageReference
            do {
                name = try ImageReference(target)
            } catch {
                throw Failure(
                    "Error parsing reference: \"\(target)\" is not a valid repository/tag: \(error)"
                )
            }
            guard name.digest == nil else {
                throw Failure("refusing to create a tag with a digest")
            }
            guard let session = try Session.openIfAny(),
                let image = try await session.engine.image(matching: source)
            else {
                throw EngineError.noSuchImage(source)
            }
            try await session.engine.tagImage(image, as: name)
        }
    }
}
