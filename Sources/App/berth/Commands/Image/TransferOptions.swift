import ArgumentParser
import OCI
import Registry

/// What `image pull` and `image push` share.
struct TransferOptions: ParsableArguments {
    @Flag(
        name: .shortAndLong,
        help: "All tags of the repository."
    )
    var allTags = false

    @Option(
        help: ArgumentHelp(
            "The image for this platform, if there are several.",
            valueName: "os/arch[/variant]"
        )
    )
    var platform: String?

    @Flag(name: .shortAndLong, help: "Show nothing but the image's name.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "How progress is shown: auto, tty, plain, json, quiet.",
            valueName: "kind"
        ),
        completion: .list(["auto", "tty", "plain", "json", "quiet"])
    )
    var progress = "auto"

    @Flag(
        name: .customLong("disable-content-trust"),
        inversion: .prefixedNo,
        help: "Do not ask for signatures; berth cannot verify them and refuses to pretend."
    )
    var disableContentTrust: Bool?

    func validate() throws {
        guard ["auto", "tty", "plain", "json", "quiet"].contains(progress) else {
            throw ValidationError(
                "--progress takes auto, tty, plain, json or quiet, not \(progress)"
            )
        }
    }

    /// The reference of a name as it was written; with `--all-tags` it must be a repository's.
    func reference(_ name: String) throws -> ImageReference {
        let reference = try ChangeOptions.reference(name)
        if allTags, reference.tag != nil || reference.digest != nil {
            throw Failure("tag can't be used with --all-tags/-a")
        }
        guard reference.name != "docker.io/library/scratch" else {
            throw Failure(engine: "'scratch' is a reserved name")
        }
        return reference
    }

    /// What was asked for; for a pull otherwise what DOCKER_DEFAULT_PLATFORM says. Docker pushes
    /// images as they are whatever that says.
    func chosenPlatform(usesDefault: Bool) throws -> Platform? {
        let text = usesDefault ? Self.platform(platform) : platform
        return try text.map { try PlatformOption.read($0) }
    }

    /// What was asked for, or what DOCKER_DEFAULT_PLATFORM says.
    static func platform(_ asked: String?) -> String? {
        if let asked { return asked }
        let preset = Machine.environment()["DOCKER_DEFAULT_PLATFORM"] ?? ""
        return preset.isEmpty ? nil : preset
    }

    /// Signatures that were asked for and cannot be checked are a refusal, not a silence.
    func checkTrust() throws {
        let variable = Machine.environment()["DOCKER_CONTENT_TRUST"] ?? ""
        let isWished = ["1", "t", "T", "true", "TRUE", "True"].contains(variable)
        guard disableContentTrust == false || (disableContentTrust == nil && isWished) else {
            return
        }
        throw Failure(
            "content trust is not supported: refusing unverified image; "
                + "unset DOCKER_CONTENT_TRUST to go on without signatures"
        )
    }

    /// How the layers are shown: `lines` to stdout where nobody watches, as docker does.
    func display() -> TransferDisplay {
        let style = quiet ? Progress.Style.quiet : Progress.Style(option: progress)
        return TransferDisplay(
            progress: Progress(
                style: style == .plain ? .quiet : style,
                usesColour: Terminal.usesColour(.error)
            ),
            lines: style == .plain ? TransferLines() : nil,
            isQuiet: quiet
        )
    }
}
