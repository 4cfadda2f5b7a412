import ArgumentParser
import Compose
import Glibc
import SystemPackage

/// docker compose's options that choose the project; `-f` and `-p` stand before the command.
struct ProjectOptions: ParsableArguments {
    /// What help puts them under, behind a command's own.
    static let title = "Global options"

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
        help: ArgumentHelp("Project name, also -p before the command.", valueName: "name"),
        completion: .projects
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
        help: ArgumentHelp("Profile to enable.", valueName: "name"),
        completion: .profiles
    )
    var profiles: [String] = []

    @Flag(
        name: .customLong("all-resources"),
        help: "Keep networks, volumes, secrets and configs that no service uses."
    )
    var allResources = false

    @Flag(name: .customLong("dry-run"), help: "Show what would be done, change nothing.")
    var dryRun = false

    @Flag(
        name: .customLong("compatibility"),
        help: "Join names of containers and images by _; otherwise COMPOSE_COMPATIBILITY."
    )
    var compatibility = false

    @Flag(name: .customLong("verbose"), help: .hidden)
    var verbose = false

    @Option(
        name: .customLong("progress"),
        help: ArgumentHelp(
            "How progress is shown: auto, tty, plain, json, quiet; otherwise COMPOSE_PROGRESS.",
            valueName: "kind"
        ),
        completion: .list(["auto", "tty", "plain", "json", "quiet"])
    )
    var progress: String?

    @Option(
        name: .customLong("ansi"),
        help: ArgumentHelp(
            "Colours and movements: auto, always, never; otherwise COMPOSE_ANSI.",
            valueName: "when"
        ),
        completion: .list(["auto", "always", "never"])
    )
    var ansi: String?

    @Option(
        help: ArgumentHelp(
            "Do no more things at once; -1 leaves it to berth; otherwise COMPOSE_PARALLEL_LIMIT.",
            valueName: "number"
        )
    )
    var parallel: Int?

    func validate() throws {
        do {
            _ = try OutputSettings(ansi: ansi, progress: progress, environment: [:])
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// What the loader needs; `services` are those named on the command line.
    func loadOptions(
        _ purpose: LoadOptions.Purpose,
        services: [String] = []
    ) throws -> LoadOptions {
        var options = LoadOptions(
            purpose: purpose,
            workingDirectory: try Machine.workingDirectory(insteadOfDeleted: absoluteFolder),
            environment: Machine.environment()
        )
        options.builtins = Machine.builtins
        options.files = files
        options.projectDirectory = projectDirectory
        options.projectName = projectName
        options.envFiles = envFiles
        options.profiles = profiles
        options.services = services
        if allResources { options.without.insert(.dropResources) }
        if compatibility || UpFlags.isSet("COMPOSE_COMPATIBILITY", options.environment) {
            options.separator = "_"
        }
        return options
    }

    /// The project's folder where it, and every file that is named, has an absolute path: nothing is
    /// meant against the current folder then.
    private var absoluteFolder: String? {
        let environment = Machine.environment()
        func listed(_ variable: String, _ separator: String) -> [String] {
            (environment[variable] ?? "").split(separator: separator).map(String.init)
        }
        let separator = environment["COMPOSE_PATH_SEPARATOR"].flatMap { $0.isEmpty ? nil : $0 }
        let composeFiles = files.isEmpty ? listed("COMPOSE_FILE", separator ?? ":") : files
        let others = envFiles.isEmpty ? listed("COMPOSE_ENV_FILES", ",") : envFiles
        let folder =
            projectDirectory
            ?? composeFiles.first { $0 != "-" }.map { FilePath($0) }?
            .removingLastComponent().string
        let paths = composeFiles.filter { $0 != "-" } + others + [folder].compactMap(\.self)
        return paths.allSatisfy { $0.hasPrefix("/") } ? folder : nil
    }

    /// Loads the project to make it run, and prints what the loader warns about.
    func load(services: [String] = []) throws -> LoadedProject {
        var loaded = try load(loadOptions(.run, services: services))
        loaded.setConfigHashes()
        return loaded
    }

    /// Loads the project for its images alone. No container is started: env files may be gone, and
    /// what the engine does not carry out of a run is in nobody's way.
    func loadImages(services: [String]) throws -> LoadedProject {
        try load(loadOptions(.images, services: services))
    }

    /// Loads the project to show what it is made of: also what berth does not carry out, and without
    /// its env files.
    func loadToDraw(services: [String]) throws -> LoadedProject {
        var options = try loadOptions(.config, services: services)
        options.without.insert(.resolveEnvironment)
        return try load(options)
    }

    /// Loads the project for a command on what runs already: neither env files nor services that
    /// the profiles leave out now can be in its way. Nor can values that are wrong, if
    /// `settingProblemsAside`: they are told in one line.
    func loadToLookUp(settingProblemsAside: Bool) throws -> LoadedProject {
        var options = try loadOptions(.lookUp)
        if settingProblemsAside { options.strictness = .setsProblemsAside }
        let loaded = try load(options, telling: \.concernsEveryCommand)
        if let first = loaded.setAside.problems.first {
            let count = loaded.setAside.problems.count
            Terminal.line(
                "warning: \(first.position): "
                    + (count == 1 ? "a mistake here is" : "\(count) mistakes from here on are")
                    + " set aside; `berth config` shows \(count == 1 ? "it" : "them")",
                to: .error
            )
        }
        return loaded
    }

    private func load(
        _ options: LoadOptions,
        telling isTold: (Problem) -> Bool = { _ in true }
    ) throws -> LoadedProject {
        let loaded = try ComposeLoader(files: LocalFiles()).load(options)
        for warning in loaded.warnings where isTold(warning) {
            Terminal.line("warning: \(warning)", to: .error)
        }
        return loaded
    }
}

extension ProjectOptions {
    /// How output looks, by the options and the environment.
    func outputSettings(
        in environment: [String: String] = Machine.environment()
    ) throws(Failure) -> OutputSettings {
        try OutputSettings(
            ansi: ansi,
            progress: progress,
            parallel: parallel,
            environment: environment
        )
    }

    /// How many steps may be at work at the same time. As in docker compose, `.env` may say it, which
    /// it may not of the other settings of output: `environment` is the project's.
    func parallelLimit(in environment: [String: String]) throws(Failure) -> Int? {
        let name = "COMPOSE_PARALLEL_LIMIT"
        return try OutputSettings(
            parallel: parallel,
            environment: environment.filter { $0.key == name }
        ).parallel
    }

    /// Progress as the options and the terminal want it.
    func makeProgress(isQuiet: Bool = false) throws -> Progress {
        let settings = try outputSettings()
        let surface = OutputSettings.Surface(of: settings.stream)
        return Progress(
            style: isQuiet ? .quiet : settings.style(on: surface),
            usesColour: settings.usesColour(on: surface),
            stream: settings.stream
        )
    }
}

extension Problem {
    /// Whether commands on what runs say it, too, as docker compose does: what the environment
    /// lacks and which file was taken. The others are for who makes the project run.
    fileprivate var concernsEveryCommand: Bool {
        switch kind {
        case .environment, .file: true
        default: path == "version"
        }
    }
}
