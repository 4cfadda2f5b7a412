import NIOSSL
import Synchronization
import SystemPackage

/// How TLS is spoken with each host, made once per host.
final class TLSSettings: Sendable {
    private let settings: RegistrySettings
    private let made = Mutex<[Authority: [TLSConfiguration]]>([:])

    init(_ settings: RegistrySettings) { self.settings = settings }

    /// One at least; several where there are several client certificates to be shown, the one that
    /// was taken last time first.
    func configurations(for authority: Authority) throws -> [TLSConfiguration] {
        if let known = made.withLock({ $0[authority] }) { return known }
        let found = try HostCertificates.find(for: authority, in: settings.certificateFolders)
        let pairs: [HostCertificates.Pair?] = found.clients.isEmpty ? [nil] : found.clients
        let configurations = try pairs.map { try make(found, showing: $0, authority) }
        return made.withLock { made in
            // The first one that was made: equal configurations share connections only if they are the same object.
            if let known = made[authority] { return known }
            made[authority] = configurations
            return configurations
        }
    }

    /// Remembers that a host took the certificate of one of its configurations.
    func prefer(_ configuration: TLSConfiguration, for authority: Authority) {
        made.withLock { made in
            guard let known = made[authority],
                let index = known.firstIndex(where: { $0.bestEffortEquals(configuration) })
            else { return }
            made[authority]?.swapAt(0, index)
        }
    }

    /// Insecure registries may show any certificate; one whose authority somebody has put into a
    /// folder is meant to be checked all the same.
    private func make(
        _ found: HostCertificates,
        showing pair: HostCertificates.Pair?,
        _ authority: Authority
    ) throws -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if let file = settings.trustFile { configuration.trustRoots = .file(file) }
        if found.authorities.isEmpty, settings.isInsecure(authority) {
            configuration.certificateVerification = .none
        }
        configuration.additionalTrustRoots = try found.authorities.map { path in
            try Self.wrapping(path) {
                .certificates(try NIOSSLCertificate.fromPEMFile(path.string))
            }
        }
        if let pair {
            configuration.certificateChain = try Self.wrapping(pair.certificate) {
                try NIOSSLCertificate.fromPEMFile(pair.certificate.string).map {
                    .certificate($0)
                }
            }
            configuration.privateKey = try Self.wrapping(pair.key) {
                .privateKey(try NIOSSLPrivateKey(file: pair.key.string, format: .pem))
            }
        }
        return configuration
    }

    private static func wrapping<T>(_ path: FilePath, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch {
            throw ConfigurationError(
                path.string,
                "cannot be read as PEM (\(error)); keys must not be encrypted"
            )
        }
    }
}
