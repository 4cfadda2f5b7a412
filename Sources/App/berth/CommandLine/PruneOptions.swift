import ArgumentParser

/// What the commands that remove unused things share.
struct PruneOptions: ParsableArguments {
    @Flag(
        name: .shortAndLong,
        help: "All images that no container has, not only those without a name."
    )
    var all = false

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "until=TIME, label=KEY[=VALUE], label!=KEY[=VALUE]; pruneFilters in docker's config.json "
                + "come in addition.",
            valueName: "key=value"
        )
    )
    var filter: [String] = []

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var force = false

    /// With those of docker's settings.
    var filters: [String] { DockerSettings().pruneFilters(besides: filter) }
}
