import ArgumentParser

/// The builder and its cache, in the words of `docker builder` and `docker buildx`. One type per command,
/// each in a file of its own.
struct BuilderGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "builder",
        abstract: "Work with the builder and its cache.",
        discussion: "`docker buildx` is the same.",
        subcommands: [
            BakeFiles.self,
            Renamed<Words.Build, ImageGroup.Build>.self,
            Create.self,
            DiskUse.self,
            Inspect.self,
            List.self,
            Mounts.self,
            Prune.self,
            Remove.self,
            Use.self,
            VersionOfBuilder.self,
        ],
        aliases: ["buildx"]
    )
}
