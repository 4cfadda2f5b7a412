package import OrderedCollections

/// compose-spec `build`.
package struct BuildDeclaration: Hashable, Codable, Sendable {
    /// Absolute path, or the address of a repository.
    package var context: String
    /// Relative to the context, or absolute.
    package var dockerfile = "Dockerfile"
    /// compose-spec `dockerfile_inline`.
    package var dockerfileInline: String?
    /// compose-spec `args`.
    package var args: OrderedDictionary<String, String?> = [:]
    /// compose-spec `target`.
    package var target: String?
    /// Name to absolute path, or `service:name`, `docker-image://…`, or what is fetched.
    package var additionalContexts: OrderedDictionary<String, String> = [:]
    /// compose-spec `tags`.
    package var tags: [String] = []
    /// compose-spec `labels`.
    package var labels: OrderedDictionary<String, String> = [:]
    /// compose-spec `platforms`.
    package var platforms: [String] = []

    // What its steps may use.
    /// `id` or `id=path`.
    package var ssh: [String] = []
    /// compose-spec `secrets`.
    package var secrets: [FileReference] = []
    /// `none`, `host`, `default` or the name of a network.
    package var network: String?
    /// compose-spec `extra_hosts`.
    package var extraHosts: [HostEntry] = []
    /// compose-spec `shm_size`.
    package var shmSizeBytes: Int64?
    /// compose-spec `ulimits`.
    package var ulimits: OrderedDictionary<String, UlimitDeclaration> = [:]
    /// compose-spec `privileged`.
    package var privileged = false
    /// compose-spec `entitlements`.
    package var entitlements: [String] = []
    /// Of Windows.
    package var isolation: String?

    // What it takes from before, and leaves behind.
    /// compose-spec `no_cache`.
    package var noCache = false
    /// Stages that are built again.
    package var noCacheFilter: [String] = []
    /// compose-spec `cache_from`.
    package var cacheFrom: [String] = []
    /// compose-spec `cache_to`.
    package var cacheTo: [String] = []
    /// Looks for newer base images.
    package var pull = false
    /// compose-spec `provenance`.
    package var provenance: String?
    /// compose-spec `sbom`.
    package var sbom: String?

    /// Says no more than what must be said.
    package init(context: String) { self.context = context }

    /// Contexts that builds fetch: files of http and https, repositories of git.
    package static func isFetched(_ path: String) -> Bool {
        guard let end = path.utf8.firstIndex(of: UInt8(ascii: ":")), path[end...].hasPrefix("://")
        else { return PathBase.isRemote(path) }
        return ["http", "https", "git", "ssh"].contains(path[..<end].lowercased())
    }
}
