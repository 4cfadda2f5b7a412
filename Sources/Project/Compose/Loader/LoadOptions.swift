import OrderedCollections

/// What to load, what for, and by which phases: the command line's and the environment's part of a
/// project.
package struct LoadOptions: Sendable {
    /// What the result is for.
    package enum Purpose: Sendable {
        /// To be shown: every attribute of the specification is loaded.
        case config
        /// The same, and where each value comes from is noted down for `LoadedProject.explain`.
        case explain
        /// To find what runs of it: its name and its services, networks and volumes.
        case lookUp
        /// To have its images made or moved: what they come of must be carried out, and no more. No
        /// container is started: env files may be gone.
        case images
        /// To be run: an attribute that the engine does not carry out is an error at its position.
        case run
    }

    /// What becomes of what is found wrong.
    package enum Strictness: Sendable {
        /// For who only looks for what runs: the load goes on with what is wrong, as long as the
        /// project's name and those of its services are known. `LoadedProject.setAside` then says
        /// what is wrong.
        case setsProblemsAside
        /// Problems end the load, warnings do not.
        case problems
        /// `config --strict`: what would be a warning is an error, reported with the others.
        case warnings
    }

    /// What becomes of relative paths.
    package enum Paths: Sendable {
        case absolute
        /// `config --no-path-resolution`
        case asWritten
    }

    /// What the project is loaded for.
    package var purpose: Purpose
    /// Values of `-f`, in order; `-` is standard input. Empty: `COMPOSE_FILE`, then discovery.
    package var files: [String] = []
    /// Value of `--project-directory`. Without: the folder of the first file.
    package var projectDirectory: String?
    /// Value of `-p`. Without: `COMPOSE_PROJECT_NAME`, then `name` in the files, then the folder.
    package var projectName: String?
    /// Values of `--env-file`. Empty: `COMPOSE_ENV_FILES`, then `.env` of the project directory.
    package var envFiles: [String] = []
    /// Values of `--profile`. Empty: `COMPOSE_PROFILES`.
    package var profiles: [String] = []
    /// Services named on the command line; they and what they depend on are enabled.
    /// Empty: every service the profiles let in.
    package var services: [String] = []
    /// Absolute path that relative paths of the command line are meant against.
    package var workingDirectory: String
    /// The caller's environment; `.env` files are added beneath it.
    package var environment: [String: String]
    /// Variables that interpolation knows where neither the environment nor an env file has them.
    package var builtins: [String: String] = [:]

    /// Phases that are left out beside those that the purpose does without, and with each phase
    /// those that need it.
    package var without: Set<LoadPhase> = []
    /// What becomes of relative paths in the files.
    package var paths = Paths.absolute
    /// What of what is found wrong ends the load.
    package var strictness = Strictness.problems
    /// What joins the parts of names of containers and images: `-`, or `_` as docker-compose of
    /// old did (`--compatibility`).
    package var separator = "-"

    package init(
        purpose: Purpose,
        workingDirectory: String,
        environment: [String: String]
    ) {
        self.purpose = purpose
        self.workingDirectory = workingDirectory
        self.environment = environment
    }

    /// Whether the load goes through a phase, unless that needs one which is left out.
    func runs(_ phase: LoadPhase) -> Bool {
        !without.contains(phase) && !purpose.without.contains(phase)
    }
}

extension LoadOptions.Purpose {
    /// The phases that the purpose does without.
    var without: [LoadPhase] {
        switch self {
        case .config, .explain:
            [
                .readSeccompProfiles, .readDeviceFiles, .checkHostNames, .checkAttributes,
                .checkValues,
            ]
        case .lookUp:
            [
                .checkReferences, .lint, .resolveEnvironment, .readSeccompProfiles,
                .readDeviceFiles, .checkHostNames, .checkAttributes, .checkValues,
            ]
        case .images:
            [.lint, .resolveEnvironment, .readSeccompProfiles, .readDeviceFiles, .checkHostNames]
        case .run: []
        }
    }

    /// What of a project the purpose asks the engine to carry out: of images, what they come of.
    func needed(of root: Node) -> Node {
        guard self == .images else { return root }
        var images: Node.Mapping = [:]
        for (name, service) in root["services"]?.map ?? [:] {
            let entries = (service.map ?? [:]).filter { Self.imageAttributes.contains($0.key) }
            images[name] = service.with(.map(entries))
        }
        return root.with(.map(["services": Node(.map(images), at: root.mark)]))
    }

    private static let imageAttributes: Set<String> = [
        "build", "image", "platform", "pull_policy", "pull_refresh_after",
    ]
}
