import ArgumentParser
import DockerViews

/// What this is, in docker's form.
struct DockerVersion: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version, of the client and of the engine: they are one."
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("json, or a template.", valueName: "template"),
        completion: .list(["json"])
    )
    var format: String?

    func run() throws {
        let system = SystemNames()
        let view = VersionView(
            version: Version.number,
            architecture: system.architecture,
            kernel: system.release
        )
        try WholeForm.show(view.value, as: format) { view.lines }
    }
}
