import ArgumentParser

/// What this is.
struct Version: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version."
    )

    /// Raised by hand when a release is cut.
    static let number = "0.1.0"

    @Option(name: .shortAndLong, help: "pretty or json.", completion: .list(["pretty", "json"]))
    var format = "pretty"

    @Flag(help: "The number alone.")
    var short = false

    @Flag(name: .customLong("dry-run"), help: .hidden)
    var dryRun = false

    func validate() throws {
        guard ["pretty", "json"].contains(format) else {
            throw ValidationError("--format takes pretty or json, not \(format)")
        }
    }

    func run() {
        if short {
            Terminal.line(Self.number)
        } else if format == "json" {
            Terminal.line(JSONText.object([("version", Self.number)]))
        } else {
            Terminal.line("berth version \(Self.number)")
        }
    }
}
