import ArgumentParser

/// Networks by name, whatever project they belong to. One type per command, each in its file.
struct NetworkGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Work with networks.",
        discussion: """
            A network that is made here is `external` to compose files. Containers are connected to \
            networks when they are made, not later: connect and disconnect are not there.
            """,
        subcommands: [
            Create.self, Inspect.self, List.self, Prune.self, Remove.self,
        ]
    )
}
