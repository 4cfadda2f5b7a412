package import SystemPackage

/// What the administrator of this machine says about registries: mirrors, which may be insecure,
/// whom to trust, how to reach them.
///
/// `RegistrySettings.ofMachine` reads it from files and the environment; the default knows nothing.
package struct RegistrySettings: Hashable, Sendable {
    /// Mirrors by the name of the registry they stand in for, the first to be asked first.
    package var mirrors: [String: [Mirror]] = [:]
    package var insecure: [InsecureRule] = []
    /// Token servers that may see a registry's credentials though they are of another domain.
    package var tokenServers: [String: [String]] = [:]
    /// Folders with a folder per registry of certificates and keys; all that exist count.
    package var certificateFolders: [FilePath] = []
    /// A file of authorities to trust instead of the system's; SSL_CERT_FILE.
    package var trustFile: String?
    package var proxies = ProxySettings()
    /// Headers for registries, from `HttpHeaders` of docker's `config.json`.
    package var headers: [String: String] = [:]
    /// What is wrong with the files they come from: no request is made before it is mended.
    package var problem: ConfigurationError?

    package init() {}

    /// Whether a host may speak plain http, or have a certificate that no authority has signed: this
    /// machine, and what is listed.
    func isInsecure(_ authority: Authority) -> Bool {
        authority.isLoopback || insecure.contains { $0.covers(authority) }
    }

    /// Whether what is sent to an origin can be read only there, or the administrator does not mind.
    func mayHaveSecrets(_ origin: Origin) -> Bool {
        origin.scheme == "https" || isInsecure(origin.authority)
    }
}
