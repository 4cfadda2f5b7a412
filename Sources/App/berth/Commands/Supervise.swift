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

    func run() async throws {
        let session = try Session.open(logLevel: .info)
        try await SupervisorProcess.run(
            project: project,
            engine: session.engine,
            command: Programs.supervisor(),
            logger: session.logger
        )
    }
}
