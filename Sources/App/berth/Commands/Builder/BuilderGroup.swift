import ArgumentParser

/// The builder and its cache, in the words of `docker builder` and `docker buildx`. One type per command,
/// each in a file of its own.
struct BuilderGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "builder",
        abstract: "Work with the builder and its cache.",
        discussion: "`docker buildx` is the same.",
        subcommands: [
            Renamed<Words.Build, ImageGroup.Build>.self,
            DiskUse.self,
            Prune.self,
        ],
        aliases: ["buildx"]
    )
}

/// `--builder` of the commands that look at one.
struct BuilderOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The builder: there is one, default.", valueName: "name")
    )
    var builder: String?

    /// - Throws: `Failure` for the name of another one.
    func check() throws {
        guard let builder = builder ?? Machine.environment()["BUILDX_BUILDER"], !builder.isEmpty,
            builder != Self.name
        else { return }
        throw Failure(
            "no builder \"\(builder)\" found: berth has one builder, its own; leave --builder and "
                + "BUILDX_BUILDER out"
        )
    }

    /// What the builder is called.
    static let name = "default"
}
