import ArgumentParser
import DockerViews
import Engine

extension System {
    /// Left-overs: exit 1 if there is one.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "List what no record explains and what the kernel has lost; exit 1 if any."
        )

        @Option(help: "table or json (one object a line).", completion: .formats)
        var format = "table"

        @Flag(help: "Remove and repair first what can be, as commands on projects do.")
        var repair = false

        func run() async throws {
            guard let session = try Session.openIfAnyFolder() else { return tellOfNothing() }
            var left: [String] = []
            if repair {
                let recovery = try await session.recover()
                left = recovery.failed + recovery.lasting
                let words =
                    recovery.removed.map { "removed \($0)" }
                    + (recovery.mended + recovery.completed).map { "repaired \($0)" } + left
                for line in words { Terminal.line(line, to: .error) }
            }
            let findings = try await session.engine.audit()
            guard !findings.isEmpty || !left.isEmpty else { return tellOfNothing() }
            if !findings.isEmpty { try list(findings) }
            throw Failure(silent: 1)
        }

        private func tellOfNothing() { Terminal.line("nothing left over", to: .error) }

        private func list(_ findings: [Finding]) throws {
            try RowListing(
                format: format,
                header: ["KIND", "NAME", "WHY"],
                cells: ["Kind", "Name", "Why"]
            ).write(
                findings.map { finding in
                    [
                        ("Kind", finding.kind.rawValue), ("Name", finding.name),
                        ("Why", finding.reason),
                    ]
                }
            )
        }
    }
}
