import ArgumentParser

/// Networks by name, whatever project they belong to. One type per command, each in its file.
struct NetworkGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Work with networks.",
        discussion: """
            A network that is made here is `external` to compose files. Containers are connected to \
            networks when they are made, and by connect and disconnect at any time.
            """,
        subcommands: [
            Connect.self, Create.self, Disconnect.self, Inspect.self, List.self, Prune.self,
            Remove.self,
        ]
    )
}
