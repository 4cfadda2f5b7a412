import ArgumentParser
import DockerViews

/// Says whether this machine is able to run containers.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check what this machine can do, and say what to do about the rest."
    )

    @Option(
        help: "table, json (one object a line), or a template of {{.Field}}.",
        completion: .formats
    )
    var format = "table"

    func validate() throws {
        guard ["", "table", "json"].contains(format) || format.contains("{{") else {
            throw ValidationError("--format takes table, json or a template, not \(format)")
        }
    }

    func run() async throws {
        let findings = await MachineCheck.all()
        try RowListing(
            format: format,
            header: ["", "WHAT", "STATE", "WHAT TO DO"],
            cells: ["Verdict", "What", "State", "Remedy"],
            minimumWidth: 0
        ).write(
            findings.map { finding in
                [
                    ("Verdict", finding.verdict.rawValue), ("What", finding.what),
                    ("State", finding.state), ("Remedy", finding.remedy ?? ""),
                ]
            }
        )
        if findings.contains(where: { $0.verdict == .missing }) { throw Failure(silent: 1) }
    }
}
