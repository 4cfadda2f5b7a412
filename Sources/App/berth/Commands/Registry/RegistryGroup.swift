import ArgumentParser
import Logging
import Registry

/// Registries and the credentials for them. One type per command, each in a file of its own.
struct RegistryGroup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "registry",
        abstract: "Log in to registries and search them.",
        subcommands: [Login.self, Logout.self, Search.self]
    )

    /// A client for commands that need nothing of this machine but its settings.
    static func makeClient() -> RegistryClient {
        var logger = Logger(label: "berth", factory: { StreamLogHandler.standardError(label: $0) })
        let environment = Machine.environment()
        logger.logLevel = environment["BERTH_LOG"].flatMap(Logger.Level.init(rawValue:)) ?? .warning
        return RegistryClient(.ofMachine(environment: environment), logger: logger)
    }
}
