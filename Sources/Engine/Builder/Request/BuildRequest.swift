package import ContainerRuntime
package import ImageStore
package import OCI
package import SystemPackage

/// What to build: a Dockerfile, what it may copy from, and the choices of the command line.
package struct BuildRequest: Sendable {
    /// What progress and errors call the build: the service's name. Nil for a build by itself.
    package var name: String?
    /// The folder that COPY sees; nil when there is none (a Dockerfile that copies nothing).
    package var context: FilePath?
    /// A context that is somewhere else; it is fetched and then is `context`.
    package var remoteContext: RemoteContext?
    /// Of a remote context: no path in it leads out of it, the Dockerfile's among them.
    var isContextFetched = false
    package var dockerfile: DockerfileSource = .path("Dockerfile")
    /// What the findings of checks call the Dockerfile, as the user wrote it; nil for its path.
    package var shownDockerfile: String?
    /// `--build-arg`: values, and names whose value is unset.
    package var arguments: [String: String] = [:]
    /// What the image is for; several give one image each. Never empty.
    package var platforms: [Platform] = [.host]
    /// The one that is being built for: stages are for it unless FROM says otherwise.
    package var platform: Platform {
        get { platforms[0] }
        set { platforms = [newValue] }
    }
    /// A stage's name or number; nil is the last stage.
    package var target: String?
    /// What FROM and `COPY --from` find by name, before stages and images.
    package var namedContexts: [String: NamedContext] = [:]
    /// Labels that win over those of the Dockerfile.
    package var labels: [String: String] = [:]
    /// Named contexts that are images in folders; the caller brings them into the store, and then they are
    /// `built` ones of `namedContexts`.
    package var layoutContexts: [String: LayoutContext] = [:]
    /// What is written beside the image, into its manifest and its index.
    package var annotations = ImageAnnotations()
    /// What is stated of where the image comes from; nil for nothing.
    package var provenance: BuildProvenance?
    /// Carries out every step, whatever the cache has.
    package var ignoresCache = false
    /// The same for the steps of some stages, by name (`--no-cache-filter`).
    package var uncachedStages: Set<String> = []
    /// Caches of other machines and builds, looked into in this order where this machine's own says
    /// nothing.
    package var importedCaches: [ImportedCache] = []
    /// Writes what the image's steps depended on into its configuration (`--cache-to type=inline`),
    /// as the member of this name.
    package var embeddedCacheName: String?
    /// Tells of each step why it was carried out or not.
    package var explains = false
    /// Files that steps made are no younger in the image's layers than `SOURCE_DATE_EPOCH`
    /// (`rewrite-timestamp`); those of the image that it builds upon stay.
    package var rewritesTimes = false
    /// What steps may mount by `type=secret`, by identifier.
    package var secrets: [String: BuildSecret] = [:]
    /// Sockets of ssh agents, for steps that mount `type=ssh`, by identifier.
    package var agents: [String: FilePath] = [:]
    /// What steps may do that leaves the sandbox.
    package var entitlements: Set<BuildEntitlement> = []
    /// Where RUN's packets may go unless it says so itself.
    package var networkMode: RunOptions.Network = .default
    /// Lines of RUN's /etc/hosts.
    package var extraHosts: [ExtraHost] = []
    /// Size of RUN's /dev/shm; nil is the container's default.
    package var shmSizeBytes: Int64?
    /// Limits of RUN's processes.
    package var resourceLimits: [ResourceLimit] = []
    /// Brings a file from an http or https address into a path; nil where the server says that it is
    /// what the mark says. Without it ADD of addresses is refused.
    package var download:
        (
            @Sendable (_ address: String, _ known: RemoteFileMark?, _ target: FilePath) async throws
                -> RemoteFileMark?
        )?
    /// The whole of a small file from an http or https address.
    /// - Throws: as soon as it has more than `limit` bytes.
    package var downloadSmall:
        (@Sendable (_ address: String, _ limit: Int) async throws -> [UInt8])?
    /// How repositories of git are had; nil where there is no git.
    package var git: GitAccess?
    /// Shows somebody around in the container of a RUN that failed: a shell on a terminal, with all that
    /// the step had and what it left (`--on-error=shell`). nil where nobody wants that.
    package var visitsFailure: (@Sendable (AttachConnection, _ step: String) async throws -> Void)?
    /// Where RUN's control groups are, below berth's own; nil for the builder's.
    package var cgroupParent: String?
    /// RUN's network; nil gives it none.
    package var network: BuildNetwork?

    /// Where the Dockerfile is.
    package enum DockerfileSource: Sendable {
        /// A file; a relative path is taken from the context.
        case path(FilePath)
        /// compose-spec `dockerfile_inline`.
        case inline(String)
        /// One that came by itself: on standard input, or from an address.
        case alone(String)
        /// A file at an http or https address; fetched, it is one that came by itself.
        case address(String)
    }

    /// compose-spec `additional_contexts`, buildx `--build-context`.
    package enum NamedContext: Sendable {
        case directory(FilePath)
        /// Fetched, then a folder.
        case remote(RemoteContext)
        /// `docker-image://…`
        case image(ImageReference)
        /// Images at hand, of one or several platforms: what another build gave (`service:…`). Never
        /// empty; the first is taken where none is for the platform.
        case built([BaseImage])
    }

    /// The address of an extra host that is this machine, as the step reaches it.
    package static let hostGateway = "host-gateway"

    package init(context: FilePath?) { self.context = context }

    /// Whether the result is an index rather than one image by itself.
    package var givesIndex: Bool { platforms.count > 1 || provenance != nil }

    /// Whether a named context has files rather than an image.
    func isFolder(_ name: String) -> Bool {
        switch namedContexts[name] {
        case .directory, .remote: true
        case .image, .built, nil: false
        }
    }

    /// Whether nobody named the Dockerfile.
    var usesUsualDockerfile: Bool {
        if case .path("Dockerfile") = dockerfile { true } else { false }
    }
}

/// A right that a build has only when its user gives it.
package enum BuildEntitlement: String, Hashable, Sendable, CaseIterable {
    case hostNetwork = "network.host"
    case insecure = "security.insecure"
}

/// How the containers of RUN reach the world.
package struct BuildNetwork: Sendable {
    /// Content of their `/etc/resolv.conf`.
    package var resolvConf: String
    /// Connects a container that waits to start; gives back what disconnects it again.
    package var connect: @Sendable (CreatedContainer) async throws -> @Sendable () async -> Void
    /// Makes a loopback for one that has no other network.
    package var isolate: (@Sendable (CreatedContainer) async throws -> Void)?
    /// The host's address as they reach it; nil where they do not.
    package var gateway: (@Sendable () async throws -> String)?

    package init(
        resolvConf: String,
        connect: @escaping @Sendable (CreatedContainer) async throws -> @Sendable () async -> Void
    ) {
        self.resolvConf = resolvConf
        self.connect = connect
    }
}

/// What a build gives: the image is complete in the store, under no name yet.
package struct BuildResult: Sendable {
    /// Digest of the configuration, Docker's image id.
    package var image: Digest
    package var manifest: Descriptor
    package var configuration: ImageConfiguration
    /// The manifest's layers, lowest first.
    package var layers: [Descriptor]
    /// `SOURCE_DATE_EPOCH`, in seconds since 1970.
    package var sourceDateSeconds: Int?
    /// What the steps of all its stages gave, by what they depended on.
    package var steps: [CachedStep]
    /// What it was built upon and copied from: the manifests or indexes that images came by, where that is
    /// known.
    package var bases: [PlatformImage: Digest] = [:]
    /// What the Dockerfile is called, and its text.
    package var dockerfile: (name: String, text: String) = ("", "")
    /// What the steps read of contexts, by their names; the build's own has none.
    package var covered: [String: CoveredPaths] = [:]
    /// Keeps garbage collection away from the image until it has been recorded.
    package var hold: StoreHold

    /// The result as something to build upon.
    package var base: BaseImage { BaseImage(configuration: configuration, layers: layers) }
}
