import ArgumentParser

/// Containers by name, whatever project they belong to. One type per command, each in its file.
struct ContainerGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "container",
        abstract: "Work with containers.",
        subcommands: [
            Commit.self, Copy.self, Diff.self, Export.self, Inspect.self, List.self, Prune.self,
        ]
    )
}
