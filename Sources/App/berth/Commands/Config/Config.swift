import ArgumentParser
import Compose
import Glibc

/// The project as loaded, in docker compose's canonical form.
struct Config: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Show the compose file as it is understood.",
        usage: "berth config [options] [SERVICE ...]",
        discussion: """
            Everything is resolved: variables, several files, include, extends, short forms, \
            defaults. Values from env files are printed as they are, secret or not.
            """,
        aliases: ["convert"]
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions
    @OptionGroup(title: "Listings, instead of the whole") var listings: ConfigListings

    @Option(
        help: ArgumentHelp(
            "yaml or json; --variables takes table, too. With json, problems are one JSON "
                + "document on standard error.",
            valueName: "format"
        ),
        completion: .list(["yaml", "json"])
    )
    var format: String?

    @Flag(name: .shortAndLong, help: "Only check, print nothing.")
    var quiet = false

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Write to a file instead.", valueName: "path"),
        completion: .file()
    )
    var output: String?

    @Flag(help: "Make warnings errors.")
    var strict = false

    @Option(
        help: ArgumentHelp(
            "Show where a value comes from, oldest first, and which source wins: files, include, "
                + "extends, env files, variables, defaults. 'web.ports[0].published', with or "
                + "without 'services.', or a variable: '${NAME}'. With --format json for programs.",
            valueName: "value"
        ),
        completion: .custom { words, _, prefix in ValueCompletion.paths(prefix, words) }
    )
    var explain: String?

    @Flag(
        name: .customLong("resolve-image-digests"),
        help: "Pin every image to the digest that its registry has for it now."
    )
    var resolveImageDigests = false

    @Flag(
        name: .customLong("lock-image-digests"),
        help: "Print an override file that pins every image to its digest, and nothing else."
    )
    var lockImageDigests = false

    @Flag(name: .customLong("no-interpolate"), help: "Leave variables as they are written.")
    var noInterpolate = false

    @Flag(
        name: .customLong("no-normalize"),
        help: "Leave implied values out: names, default network, implied dependencies."
    )
    var noNormalize = false

    @Flag(name: .customLong("no-path-resolution"), help: "Leave relative paths as they are.")
    var noPathResolution = false

    @Flag(
        name: .customLong("no-consistency"),
        help: "Do not check references; the output may be no valid project."
    )
    var noConsistency = false

    @Flag(
        name: .customLong("no-env-resolution"),
        help: "Leave env_file and label_file as they are."
    )
    var noEnvResolution = false

    @Argument(
        help: ArgumentHelp(
            "Only these services and what they depend on.",
            valueName: "service"
        ),
        completion: .services
    )
    var names: [String] = []

    func validate() throws {
        let formats = listings.variables ? ["yaml", "json", "table"] : ["yaml", "json"]
        guard format.map(formats.contains) ?? true else {
            let words = listings.variables ? "yaml, json or table" : "yaml or json"
            throw ValidationError("--format takes \(words), not \(format ?? "")")
        }
    }

    func run() throws {
        var report = ProblemReport(isJSON: format == "json")
        do {
            let (text, project) = try result(&report)
            report.finish()
            // A listing that is asked for is no check.
            if !quiet || listings.isAsked { try write(text) }
            // All is done. Giving a large project back, thousands of small pieces, would take
            // longer than writing it took.
            withExtendedLifetime(project) { Glibc.exit(0) }
        } catch let error as ComposeError where !error.missingArtifacts.isEmpty {
            // It is fetched, and this runs again.
            throw error
        } catch {
            throw report.failure(error)
        }
    }

    /// What is printed, and what it was made from; warnings go to the report.
    private func result(_ report: inout ProblemReport) throws -> (String, LoadedProject?) {
        let options = try loadOptions()
        let loader = ComposeLoader(files: LocalFiles())
        if listings.variables {
            return (listings.variables(try loader.variables(options), format), nil)
        }
        var loaded = try loader.load(options)
        report.warn(loaded.warnings)
        let text = try text(&loaded)
        return (text, loaded)
    }

    private func text(_ loaded: inout LoadedProject) throws -> String {
        if let explain {
            let explanation = try loaded.explain(explain)
            return format == "json" ? explanation.document() : explanation.rendered()
        }
        if let text = try listings.text(loaded) { return text }
        if resolveImageDigests || lockImageDigests {
            loaded = try waiting { [loaded] in
                var pinned = loaded
                try await ImageDigests().pin(&pinned)
                return pinned
            }
        }
        if lockImageDigests { loaded.keepOnlyImages() }
        return format == "json" ? loaded.json() : loaded.yaml()
    }

    private func loadOptions() throws -> LoadOptions {
        let purpose = explain == nil ? LoadOptions.Purpose.config : .explain
        var options = try project.loadOptions(purpose, services: names)
        if noInterpolate { options.without.insert(.interpolate) }
        if noNormalize { options.without.insert(.normalise) }
        if noPathResolution { options.paths = .asWritten }
        if noConsistency { options.without.insert(.checkReferences) }
        if noEnvResolution { options.without.insert(.resolveEnvironment) }
        if strict { options.strictness = .warnings }
        // Where only the canonical form is wanted, nothing is made of it.
        if !listings.isAsked, !resolveImageDigests, !lockImageDigests {
            options.without.insert(.bind)
        }
        return options
    }

    private func write(_ text: String) throws {
        guard let output else { return Terminal.write(text) }
        guard let file = fopen(output, "we") else { throw unwritable(output) }
        let written = fputs(text, file)
        guard fclose(file) == 0, written >= 0 else { throw unwritable(output) }
    }

    private func unwritable(_ path: String) -> Failure {
        Failure("cannot write \(path): \(String(cString: strerror(errno)))")
    }
}
