import ArgumentParser

/// Containers by name, whatever project they belong to. One type per command, each in its file.
struct ContainerGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "container",
        abstract: "Work with containers.",
        subcommands: [
            Create.self, Run.self, Start.self, Stop.self, Restart.self, Kill.self, Pause.self,
            Unpause.self, Remove.self, Rename.self, Update.self, Wait.self, Attach.self, Exec.self,
            Logs.self, Port.self, Top.self, Stats.self, Commit.self, Copy.self, Diff.self,
            Export.self, Inspect.self, List.self, Prune.self,
        ]
    )
}
