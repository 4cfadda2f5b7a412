import ArgumentParser

/// Volumes by name, whatever project they belong to. One type per command, each in its file.
struct VolumeGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volume",
        abstract: "Work with volumes.",
        discussion: "A volume that is made here is `external` to compose files.",
        subcommands: [
            Create.self, Export.self, Import.self, Inspect.self, List.self, Prune.self,
            Remove.self, Update.self,
        ]
    )
}
