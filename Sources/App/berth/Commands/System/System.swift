import ArgumentParser

/// The machine as berth uses it. One type per command, each in a file of its own.
struct System: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "system",
        abstract: "Look after this machine.",
        subcommands: [
            Check.self,
            DiskUse.self,
            Events.self,
            Info.self,
            InstallUnit.self,
            Prune.self,
        ]
    )
}
