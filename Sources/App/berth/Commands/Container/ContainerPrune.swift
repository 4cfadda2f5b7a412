import ArgumentParser
import DockerViews
import Engine

extension ContainerGroup {
    /// Containers that do not run away.
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove all containers that do not run."
        )

        @OptionGroup var options: PlainPruneOptions

        func run() async throws {
            let filters = try options.read()
            guard options.asks("WARNING! This will remove all stopped containers.") else { return }
            let report = try await Session.openIfAny()?.engine.pruneContainers {
                filters.mean($0.createdAt, $0.labels)
            }
            if let names = report?.names, !names.isEmpty {
                for line in ["Deleted Containers:"] + names + [""] { Terminal.line(line) }
            }
            Terminal.line("Total reclaimed space: \(HumanSize.decimal(report?.bytes ?? 0))")
        }
    }
}
