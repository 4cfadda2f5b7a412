import ArgumentParser

/// Everything about images, in docker's words. One type per command, each in a file of its own.
struct ImageGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image",
        abstract: "Work with images.",
        subcommands: [
            Pull.self, Push.self, Tag.self,
        ]
    )
}
