import Engine
import OCI
import Reconciler

/// The image of a container that belongs to no project.
struct StandaloneImage {
    let session: Session
    /// As it was written: a name, an identifier, or the start of one.
    let text: String
    let flags: CreationFlags

    /// The image as it is on this machine; pulled where that is asked for, or it is not there.
    /// - Throws: docker's words where it is not to be had.
    func get() async throws -> ServiceImage {
        let when = CreationFlags.Pull(rawValue: flags.pull) ?? .missing
        if when != .always, let image = try await known() { return image }
        let reference = try reference()
        guard when != .never else {
            throw Failure(engine: "No such image: \(reference.familiar)")
        }
        if when == .missing, !flags.quiet {
            Terminal.line("Unable to find image '\(reference.familiar)' locally", to: .error)
        }
        let progress = Progress(
            style: flags.quiet ? .quiet : .plain,
            usesColour: false,
            stream: .error
        )
        let images = ProjectImages(
            session: session,
            progress: progress,
            project: nil,
            options: .init(isQuiet: flags.quiet, pullsQuietly: flags.quiet)
        )
        try await images.pull(reference.description)
        progress.finish()
        guard let image = try await known() else {
            throw Failure(engine: "No such image: \(reference.familiar)")
        }
        return image
    }

    private func reference() throws -> ImageReference {
        do { return try ImageReference(text).resolvable } catch {
            throw Failure("\(error)", exitCode: 125)
        }
    }

    private func known() async throws -> ServiceImage? {
        guard let record = try await session.engine.image(matching: text) else { return nil }
        let configuration = try ImageConfiguration(
            bytes: record.configuration,
            subject: "image \(text)"
        )
        return ServiceImage(
            reference: text,
            digest: record.id,
            defaults: configuration.config,
            platform: configuration.platform
        )
    }
}
