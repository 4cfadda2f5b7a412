/// What to load and how: the command line's and the environment's part of a project.
package struct LoadOptions: Sendable {
    /// What the result is for.
    package enum Purpose: Sendable {
        /// To be shown: every attribute of the specification is loaded.
        case config
        /// To have its images made or moved: what they come of must be carried out, and no more.
        case images
        /// To be run: an attribute that the engine does not carry out is an error at its position.
        case run
    }

    package var purpose: Purpose
    /// Values of `-f`, in order; `-` is standard input. Empty: `COMPOSE_FILE`, then discovery.
    package var files: [String] = []
    package var projectDirectory: String?
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

    /// `config --no-interpolate` turns it off.
    package var interpolates = true
    /// `config --no-normalize` turns it off: implicit networks, names and dependencies.
    package var normalizes = true
    /// `config --no-path-resolution` turns it off.
    package var resolvesPaths = true
    /// `config --no-consistency` turns it off: references between the elements.
    package var checksConsistency = true
    /// `config --no-env-resolution` turns it off: `env_file` and `label_file` stay as they are.
    package var resolvesEnvironment = true
    /// `config --strict` turns it on: what would be a warning is an error, told with the others.
    package var isStrict = false
    /// For who only looks for what runs: goes on with what is wrong, as long as the project's name
    /// and those of its services are known. `LoadedProject.setAside` then says what is wrong.
    package var setsProblemsAside = false
    /// Notes down where values come from, for `LoadedProject.explain`.
    package var recordsSources = false
    /// Off where only the canonical form is wanted: the `Project` then has nothing in it.
    package var bindsProject = true
    /// Keeps networks, volumes, … that no enabled service uses (`--all-resources`).
    package var keepsUnusedResources = false
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
}
