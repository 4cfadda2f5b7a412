import ArgumentParser
import Compose
import DockerViews
import TextForms

/// What `config` prints instead of the whole: names one a line, hashes, variables.
struct ConfigListings: ParsableArguments {
    @Flag(help: "The names of the services, dependencies first.")
    var services = false

    @Flag(help: "The names of the volumes.")
    var volumes = false

    @Flag(help: "The names of the networks.")
    var networks = false

    @Flag(help: "The models of the project.")
    var models = false

    @Option(
        help: ArgumentHelp(
            "The hash of each service's configuration, as docker compose labels its containers "
                + "with; '*' is every service.",
            valueName: "service,…|*"
        )
    )
    var hash: String?

    @Flag(help: "The profiles that services name.")
    var profiles = false

    @Flag(help: "The images of the services.")
    var images = false

    @Flag(
        help: "The variables of the files with their defaults: a table on a terminal, else JSON."
    )
    var variables = false

    @Flag(help: "The variables that are known for interpolation, with their values.")
    var environment = false

    /// Something else than the whole file is wanted.
    var isAsked: Bool {
        services || volumes || networks || models || hash != nil || profiles || images
            || variables || environment
    }

    /// One of the listings; nil when the whole file is asked for. Of several, docker's first.
    func text(_ loaded: LoadedProject) throws -> String? {
        let lines: [String]
        if services {
            lines = loaded.serviceNames
        } else if volumes {
            lines = loaded.volumeNames
        } else if networks {
            lines = loaded.networkNames
        } else if models {
            lines = loaded.modelNames
        } else if let hash {
            lines = try hashes(hash, loaded)
        } else if profiles {
            lines = loaded.profiles
        } else if images {
            lines = loaded.imageNames.map(VisibleText.escaped)
        } else if environment {
            lines = loaded.environment.map { "\($0.key)=\($0.value)" }.sorted()
        } else {
            return nil
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private func hashes(_ wanted: String, _ loaded: LoadedProject) throws -> [String] {
        let names =
            wanted == "*" ? loaded.serviceNames : wanted.split(separator: ",").map(String.init)
        return try names.sorted().map { name in
            guard let hash = loaded.configHash(ofService: name) else {
                throw Failure("no such service: \(name)")
            }
            return "\(name) \(hash)"
        }
    }

    /// The variables in a format; nil is a table for a person and JSON for a program.
    func variables(_ found: [TemplateVariable], _ format: String?) -> String {
        switch format ?? (Terminal.isInteractive(.out) ? "table" : "json") {
        case "yaml": return VariableListing.yaml(found)
        case "table":
            let table = Table(
                header: VariableListing.header,
                rows: VariableListing.rows(found)
            )
            return table.lines().map { $0 + "\n" }.joined()
        default: return VariableListing.json(found)
        }
    }
}
