import ArgumentParser
import OCI

/// `--platform` of commands that look at an image or remove it.
struct PlatformOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The image for this platform, if the name stands for several.",
            valueName: "os/arch[/variant]"
        )
    )
    var platform: String?

    /// nil when none was given.
    func wanted() throws -> Platform? { try platform.map { try Self.read($0) } }

    static func read(_ text: String) throws -> Platform {
        do {
            return try Platform(text)
        } catch {
            throw Failure("\(error)")
        }
    }
}
