import ArgumentParser
import Compose
import Glibc

/// The project as loaded, in docker compose's canonical form.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the compose file as it is understood.",
        aliases: ["convert"]
    )

    @OptionGroup var project: ProjectOptions

    @Option(help: "yaml or json.")
    var format = "yaml"

    @Flag(name: .shortAndLong, help: "Only check, print nothing.")
    var quiet = false

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Write to a file instead.", valueName: "path")
    )
    var output: String?

    @Flag(help: "The names of the services, one a line.")
    var services = false

    @Flag(help: "The names of the volumes, one a line.")
    var volumes = false

    @Flag(help: "The names of the networks, one a line.")
    var networks = false

    @Flag(help: "The profiles, one a line.")
    var profiles = false

    @Flag(help: "The images of the services, one a line.")
    var images = false

    @Flag(name: .customLong("no-interpolate"), help: "Leave variables as they are written.")
    var noInterpolate = false

    @Flag(name: .customLong("no-normalize"), help: "Leave implied values out.")
    var noNormalize = false

    @Flag(name: .customLong("no-path-resolution"), help: "Leave relative paths as they are.")
    var noPathResolution = false

    @Flag(name: .customLong("no-consistency"), help: "Do not check references.")
    var noConsistency = false

    @Flag(name: .customLong("no-env-resolution"), help: "Leave env_file as it is.")
    var noEnvResolution = false

    @Argument(help: "Only these services and what they depend on.")
    var names: [String] = []

    func validate() throws {
        guard ["yaml", "json"].contains(format) else {
            throw ValidationError("--format takes yaml or json, not \(format)")
        }
    }

    func run() throws {
        var options = try project.loadOptions(.config, services: names)
        options.interpolates = !noInterpolate
        options.normalizes = !noNormalize
        options.resolvesPaths = !noPathResolution
        options.checksConsistency = !noConsistency
        options.resolvesEnvironment = !noEnvResolution
        let loaded = try ComposeLoader(files: LocalFiles()).load(options)
        for warning in loaded.warnings {
            Terminal.line("warning: \(warning)", to: .error)
        }
        guard !quiet else { return }
        try write(
            listing(loaded) ?? (format == "json" ? loaded.json() : loaded.yaml())
        )
    }

    /// One of the lists of names; nil when the whole file is asked for.
    private func listing(_ loaded: LoadedProject) -> String? {
        let lines: [String]
        if services {
            lines = loaded.serviceNames
        } else if volumes {
            lines = loaded.volumeNames
        } else if networks {
            lines = loaded.networkNames
        } else if profiles {
            lines = loaded.profiles
        } else if images {
            lines = loaded.imageNames
        } else {
            return nil
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func write(_ text: String) throws {
        guard let output else { return Terminal.write(Array(text.utf8)) }
        guard let file = fopen(output, "we") else { throw unwritable(output) }
        let written = fputs(text, file)
        guard fclose(file) == 0, written >= 0 else { throw unwritable(output) }
    }

    private func unwritable(_ path: String) -> Failure {
        Failure("cannot write \(path): \(String(cString: strerror(errno)))")
    }
}
