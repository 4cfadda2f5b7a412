import ArgumentParser

/// Registries and the credentials for them. One type per command, each in a file of its own.
struct RegistryGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Log in to registries and search them.",
        subcommands: []
    )
}
