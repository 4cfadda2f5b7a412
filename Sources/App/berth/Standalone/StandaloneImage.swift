import ContainerRuntime
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
        let platform = try TransferOptions.platform(flags.platform).map {
            try PlatformOption.read($0)
        }
        if let platform, case .refused(let reason) = RunnablePlatforms().answer(platform) {
            throw Failure("programs of \(platform) cannot run: \(reason)", exitCode: 125)
        }
        let when = CreationFlags.Pull(rawValue: flags.pull) ?? .missing
        if when != .always, let image = try await known(for: platform) {
            warn(of: image, platform)
            return image
        }
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
        try await images.pull(reference.description, for: platform)
        progress.finish()
        guard let image = try await known(for: platform) else {
            throw Failure(engine: "No such image: \(reference.familiar)")
        }
        warn(of: image, platform)
        return image
    }

    /// Docker's words where nobody has asked for a platform that is not the machine's.
    private func warn(of image: ServiceImage, _ asked: Platform?) {
        guard asked == nil, Platform.host.rank(of: image.platform) == nil else { return }
        Terminal.line(
            "WARNING: The requested image's platform (\(image.platform)) does not match the detected "
                + "host platform (\(Platform.host)) and no specific platform was requested",
            to: .error
        )
    }

    private func reference() throws -> ImageReference {
        do { return try ImageReference(text).resolvable } catch {
            throw Failure("\(error)", exitCode: 125)
        }
    }

    /// nil where it is not here, or only for another platform.
    private func known(for platform: Platform?) async throws -> ServiceImage? {
        let found: ImageRecord?
        do {
            found = try await session.engine.image(matching: text, platform: platform)
        } catch let error as EngineError where error.kind == .notFound {
            found = nil
        }
        guard let record = found else { return nil }
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
