extension RegistryClient.Configuration {
    /// What this machine's files and this user's credentials say. What is wrong with them is told
    /// when the first request is made, since many commands make none.
    package static func ofMachine(environment: [String: String]) -> Self {
        var configuration = Self()
        let store = CredentialStore(environment: environment)
        configuration.credentials = { try await store.credentials(for: $0) }
        do {
            configuration.settings = try .ofMachine(environment: environment)
            configuration.settings.headers = try store.registryHeaders()
        } catch let error as ConfigurationError {
            configuration.settings.problem = error
        } catch {
            configuration.settings.problem = ConfigurationError("registries", "\(error)")
        }
        return configuration
    }
}
