import ArgumentParser

/// Everything about images, in docker's words. One type per command, each in a file of its own.
struct ImageGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Work with images.",
        subcommands: [
            History.self,
            Inspect.self,
            List.self,
            Prune.self,
            Pull.self,
            Push.self,
            Remove.self,
            Tag.self,
        ]
    )
}
