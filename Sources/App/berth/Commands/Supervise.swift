import ArgumentParser
import Logging
import Supervisor

/// The process that keeps a project's containers; started by commands and keepers, not by people.
struct Supervise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "supervise",
        abstract: "Keep a project's containers.",
        shouldDisplay: false
    )

    @Argument var project: String

    func run() async throws { try await Self.keep(project) }

    /// What the command does; `main` comes here without the argument parser, since a container that
    /// is started first waits for this process.
    static func keep(_ project: String) async throws {
        let session = try Session.open(logLevel: .info)
        try await SupervisorProcess.run(
            project: project,
            engine: session.engine,
            command: Programs.supervisor(),
            logger: session.logger
        )
    }
}
