import ArgumentParser
import DockerViews

/// What `prune` of containers, networks and volumes takes.
struct PlainPruneOptions: ParsableArguments {
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
    func read() throws -> PruneFilters {
        try PruneFilters(DockerSettings().pruneFilters(besides: filter))
    }

    /// Whether it is to be done.
    func asks(_ warning: String) -> Bool { force || Confirmation.ask(warning) }
}
