import Glibc
import Linux
package import SystemPackage
import TextForms

/// The credentials of the user: docker's `config.json`, and the helpers that it names.
///
/// The file is `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json` of the HOME that we run
/// with. Another user's (that of SUDO_USER, say) is never looked into.
package struct CredentialStore: Sendable {
    private let environment: [String: String]
    /// Docker's `config.json`.
    package let file: FilePath

    private static let sizeLimit = 4 << 20

    package init(environment: [String: String]) {
        self.environment = environment
        let folder =
            environment["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : FilePath($0) }
            ?? FilePath(environment["HOME"] ?? "/").appending(".docker")
        file = folder.appending("config.json")
    }

    /// What is known for a registry: from DOCKER_AUTH_CONFIG, its helper, the store for all, or the
    /// file, in this order.
    package func credentials(for host: RegistryHost) async throws -> Credentials? {
        if let found = try override()?.credentials(for: host) { return found }
        let configuration = try read()
        if let helper = helper(for: host, configuration) {
            if let found = try await helper.get(host.credentialKey) { return found }
        }
        return configuration.credentials(for: host)
    }

    /// Where credentials were put.
    package enum Place: Hashable, Sendable {
        /// In the file, readable for whoever can read it.
        case file(FilePath)
        case helper(String)
    }

    /// Keeps credentials for a registry.
    package func store(_ credentials: Credentials, for host: RegistryHost) async throws -> Place {
        if let helper = helper(for: host, try read()) {
            try await helper.store(credentials, for: host.credentialKey)
            try await change { $0.set(nil, for: host) }
            return .helper(helper.program)
        }
        try await change { $0.set(credentials, for: host) }
        return .file(file)
    }

    /// Forgets what is known for a registry; false when nothing is.
    package func erase(_ host: RegistryHost) async throws -> Bool {
        let configuration = try read()
        let isInFile = configuration.mentions(host)
        var isKnown = isInFile
        if let helper = helper(for: host, configuration) {
            let isInHelper = try await helper.get(host.credentialKey) != nil
            if isInHelper { try await helper.erase(host.credentialKey) }
            isKnown = isKnown || isInHelper
        }
        if isInFile { try await change { $0.remove(host) } }
        return isKnown
    }

    /// Headers for registries.
    package func registryHeaders() throws -> [String: String] { try read().registryHeaders }

    /// Whether DOCKER_AUTH_CONFIG stands before the file.
    package var isOverridden: Bool { environment["DOCKER_AUTH_CONFIG"]?.isEmpty == false }

    private func helper(
        for host: RegistryHost,
        _ configuration: DockerConfiguration
    ) -> CredentialHelper? {
        configuration.helper(for: host).map {
            CredentialHelper(name: $0, environment: environment)
        }
    }

    private func override() throws -> DockerConfiguration? {
        guard let text = environment["DOCKER_AUTH_CONFIG"], !text.isEmpty else { return nil }
        return try parse(Array(text.utf8), "DOCKER_AUTH_CONFIG")
    }

    private func read() throws -> DockerConfiguration {
        let bytes: [UInt8]
        do throws(SyscallError) {
            bytes = try readFile(file, limit: Self.sizeLimit)
        } catch {
            guard error.errno == ENOENT || error.errno == ENOTDIR else { throw error }
            bytes = []
        }
        return try parse(bytes, file.string)
    }

    private func parse(_ bytes: [UInt8], _ subject: String) throws -> DockerConfiguration {
        do throws(JSONValue.Malformed) {
            return DockerConfiguration(document: try JSONValue(settings: bytes))
        } catch {
            throw ConfigurationError("\(subject):\(error.line)", error.reason)
        }
    }

    /// Changes the file while no other `berth` does; what it was reached through (a symbolic link)
    /// stays, and so do its owner and what we do not know in it.
    private func change(_ body: @escaping @Sendable (inout DockerConfiguration) -> Void)
        async throws
    {
        try await blocking { () throws(any Error) in try changeNow(body) }
    }

    private func changeNow(_ body: (inout DockerConfiguration) -> Void) throws {
        let folder = file.removingLastComponent()
        let isNew = access(folder.string, F_OK) != 0
        try makeDirectories(folder, mode: 0o700)
        if isNew { try giveToOwner(of: folder.removingLastComponent(), folder) }
        let lock = try openFile(folder, O_RDONLY | O_DIRECTORY)
        try lock.with { lock throws(SyscallError) in
            _ = try syscall("flock", on: folder.string) { flock(lock, LOCK_EX) }
        }
        let target = realPath(file) ?? file
        var configuration = try read()
        body(&configuration)
        try atomicWrite(
            Array(configuration.document.text().utf8),
            to: target,
            mode: 0o600,
            synced: true
        )
        try giveToOwner(of: target.removingLastComponent(), target)
        withExtendedLifetime(lock) {}
    }

    /// Under `sudo` a file in a user's own folder would otherwise be root's, and be of no use to
    /// them.
    private func giveToOwner(of folder: FilePath, _ path: FilePath) throws {
        var status = stat()
        guard geteuid() == 0, stat(folder.string, &status) == 0 else { return }
        _ = try syscall("lchown", on: path.string) {
            lchown(path.string, status.st_uid, status.st_gid)
        }
    }

    private func realPath(_ path: FilePath) -> FilePath? {
        guard let resolved = realpath(path.string, nil) else { return nil }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }
}
