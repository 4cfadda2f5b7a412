import Engine
import OCI
import Registry

/// What `image pull` and `image push` work with, read from their command lines.
struct ImageTransfer: Sendable {
    /// As it was written.
    let asked: ImageReference
    let platform: Platform?
    let session: Session
    let client: RegistryClient
    let display: TransferDisplay
    private let takesAllTags: Bool

    /// DOCKER_DEFAULT_PLATFORM counts where `usesDefaultPlatform`.
    init(
        of name: String,
        _ options: TransferOptions,
        usesDefaultPlatform: Bool
    ) throws {
        try options.checkTrust()
        asked = try options.reference(name)
        platform = try options.chosenPlatform(usesDefault: usesDefaultPlatform)
        session = try Session.open()
        display = options.display()
        client = RegistryClient.Lazy().client(logger: session.logger)
        takesAllTags = options.allTags
    }

    /// What the name stands for: itself, or with `--all-tags` what `allTags` finds.
    func references(
        allTags: () async throws -> [ImageReference]
    ) async throws -> [ImageReference] {
        if takesAllTags { return try await allTags() }
        if asked.tag == nil, asked.digest == nil {
            display.say("Using default tag: \(ImageReference.defaultTag)")
        }
        return [asked.tagged]
    }

    /// The name as the last lines write it.
    var whole: ImageReference { takesAllTags ? asked : asked.tagged }
}
