import ArgumentParser
import Compose
import Glibc

/// docker compose's options that choose the project; `-f` and `-p` stand before the command.
struct ProjectOptions: ParsableArguments {
    @Option(
        name: .customLong("file"),
        parsing: .singleValue,
        help: ArgumentHelp(
            "Compose file, also -f before the command; '-' is standard input.",
            valueName: "path"
        ),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var files: [String] = []

    @Option(
        name: .customLong("project-name"),
        help: ArgumentHelp("Project name, also -p before the command.", valueName: "name")
    )
    var projectName: String?

    @Option(
        name: .customLong("project-directory"),
        help: ArgumentHelp("What relative paths are relative to.", valueName: "path"),
        completion: .directory
    )
    var projectDirectory: String?

    @Option(
        name: .customLong("env-file"),
        parsing: .singleValue,
        help: ArgumentHelp("Variables for interpolation; later files win.", valueName: "path"),
        completion: .file()
    )
    var envFiles: [String] = []

    @Option(
        name: .customLong("profile"),
        parsing: .singleValue,
        help: ArgumentHelp("Profile to enable.", valueName: "name")
    )
    var profiles: [String] = []

    @Flag(
        name: .customLong("all-resources"),
        help: "Keep networks, volumes, secrets and configs that no service uses."
    )
    var allResources = false

    @Option(
        name: .customLong("progress"),
        help: ArgumentHelp(
            "How progress is shown: auto, tty, plain, json, quiet.",
            valueName: "kind"
        )
    )
    var progress = "auto"

    @Option(
        name: .customLong("ansi"),
        help: ArgumentHelp("Colours: auto, always, never.", valueName: "when")
    )
    var ansi = "auto"

    func validate() throws {
        guard ["auto", "tty", "plain", "json", "quiet"].contains(progress) else {
            throw ValidationError(
                "--progress takes auto, tty, plain, json or quiet, not \(progress)"
            )
        }
        guard ["auto", "always", "never"].contains(ansi) else {
            throw ValidationError("--ansi takes auto, always or never, not \(ansi)")
        }
    }

    /// What the loader needs; `services` are those named on the command line.
    func loadOptions(
        _ purpose: LoadOptions.Purpose,
        services: [String] = []
    ) throws -> LoadOptions {
        var options = LoadOptions(
            purpose: purpose,
            workingDirectory: try Machine.workingDirectory(),
            environment: Machine.environment()
        )
        options.files = files
        options.projectDirectory = projectDirectory
        options.projectName = projectName
        options.envFiles = envFiles
        options.profiles = profiles
        options.services = services
        options.keepsUnusedResources = allResources
        return options
    }

    /// Loads the project and prints what the loader warns about.
    func load(
        _ purpose: LoadOptions.Purpose = .run,
        services: [String] = []
    ) throws -> LoadedProject {
        let loaded = try ComposeLoader(files: LocalFiles())
            .load(loadOptions(purpose, services: services))
        for warning in loaded.warnings {
            Terminal.line("warning: \(warning)", to: .error)
        }
        return loaded
    }
}

extension ProjectOptions {
    /// Progress as the options and the terminal want it.
    func makeProgress(isQuiet: Bool = false) -> Progress {
        Progress(
            style: isQuiet ? .quiet : Progress.Style(option: progress),
            usesColour: Terminal.usesColour(.error, ansi: ansi)
        )
    }
}
