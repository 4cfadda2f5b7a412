import ArgumentParser

/// Everything about images, in docker's words. One type per command, each in a file of its own.
struct ImageGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Work with images.",
        subcommands: [
            Bootstrap.self,
            Build.self,
            History.self,
            Import.self,
            Inspect.self,
            List.self,
            Load.self,
            Mount.self,
            Prune.self,
            Pull.self,
            Push.self,
            Remove.self,
            Save.self,
            Tag.self,
            Unmount.self,
        ]
    )
}
