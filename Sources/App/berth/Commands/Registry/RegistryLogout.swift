import ArgumentParser
import Registry

extension RegistryGroup {
    /// Forgets the credentials for a registry.
    struct Logout: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "logout",
            abstract: "Forget the credentials for a registry.",
            discussion: "Without a server it is Docker Hub."
        )

        @Argument(help: ArgumentHelp("The registry.", valueName: "server"))
        var server: String?

        func run() async throws {
            let host = RegistryHost(server: server)
            let store = CredentialStore(environment: Machine.environment())
            guard try await store.erase(host) else {
                Terminal.line("Not logged in to \(host.credentialKey)")
                return
            }
            Terminal.line("Removing login credentials for \(host.credentialKey)")
        }
    }
}
