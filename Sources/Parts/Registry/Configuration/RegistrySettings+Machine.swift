import Glibc
import Linux
package import SystemPackage
import TextForms

extension RegistrySettings {
    /// Where the administrator writes about registries.
    package static let file: FilePath = "/etc/berth/registries.json"
    /// Docker's engine configuration: its keys about registries count too.
    package static let dockerFile: FilePath = "/etc/docker/daemon.json"
    /// Where certificates are looked for besides, in this order.
    package static let certificateFolders: [FilePath] = [
        "/etc/berth/certs.d", "/etc/docker/certs.d", "/etc/containers/certs.d",
    ]
    /// Largest file of settings.
    private static let sizeLimit = 1 << 20

    /// What files and environment say: `/etc/berth/registries.json` (or what BERTH_REGISTRIES
    /// names), then for each key that is not there `/etc/docker/daemon.json`.
    ///
    /// Proxies are taken from the environment first.
    package static func ofMachine(
        environment: [String: String],
        dockerFile: FilePath = dockerFile,
        certificateFolders: [FilePath] = certificateFolders
    ) throws -> RegistrySettings {
        let named = environment["BERTH_REGISTRIES"].flatMap { $0.isEmpty ? nil : FilePath($0) }
        let path = named ?? file
        let ours = try document(at: path, mustExist: named != nil)
        let theirs = try document(at: dockerFile, mustExist: false)
        var settings = try RegistrySettings(
            SettingsDocument(path: path.string, value: ours, isOurs: true),
            else: SettingsDocument(path: dockerFile.string, value: theirs, isOurs: false)
        )
        let asked = ProxySettings(environment: environment)
        if asked.http != nil || asked.https != nil { settings.proxies = asked }
        settings.certificateFolders += certificateFolders
        settings.trustFile = environment["SSL_CERT_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        return settings
    }

    private static func document(at path: FilePath, mustExist: Bool) throws -> JSONValue {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try readFile(path, limit: sizeLimit)
        } catch {
            guard error.errno == ENOENT || error.errno == ENOTDIR else { throw error }
            guard mustExist else { return .object([]) }
            throw ConfigurationError(
                path.string,
                "BERTH_REGISTRIES names it, but there is no such file"
            )
        }
        do throws(JSONValue.Malformed) {
            return try JSONValue(settings: bytes)
        } catch {
            throw ConfigurationError("\(path.string):\(error.line)", error.reason)
        }
    }
}
