package import KernelNames
package import OrderedCollections

/// What was asked for, resolved: the first of the three shapes of a service.
package struct Service: Hashable, Codable, Sendable {
    package var name: String
    package var image: String?
    package var build: BuildDeclaration?
    /// nil keeps the image's CMD; an empty list clears it.
    package var command: [String]?
    package var entrypoint: [String]?
    /// A nil value takes the variable out, the image's too. `env_file` is already merged in.
    package var environment: OrderedDictionary<String, String?> = [:]
    package var workingDirectory: String?
    package var user: String?
    package var hostname: String?
    package var containerName: String?
    package var usesInit: Bool?
    package var readOnly = false
    /// compose-spec `tty`: its standard streams are a terminal.
    package var hasTerminal = false
    /// compose-spec `stdin_open`: who attaches can give it input.
    package var takesInput = false
    package var capAdd: [Capability.Choice] = []
    package var capDrop: [Capability.Choice] = []
    package var ports: [PortDeclaration] = []
    package var volumes: [VolumeMount] = []
    /// Each with a source `tmpfs`.
    package var tmpfs: [VolumeMount] = []
    /// By key of the project's networks. Never empty: a service without any is on `default`.
    package var networks: OrderedDictionary<String, ServiceNetwork> = [:]
    package var dependsOn: OrderedDictionary<String, Dependency> = [:]
    package var healthcheck: HealthcheckDeclaration?
    package var restart: RestartDeclaration?
    package var stopSignal: Signal?
    package var stopGracePeriod: Duration?
    package var pullPolicy: PullPolicy?
    /// Number of containers; 1 unless `scale` says otherwise.
    package var scale = 1
    /// As many as one network connects: a bridge of Linux has 1024 ports, and the first is no port
    /// (net/bridge/br_private.h, BR_MAX_PORTS).
    package static let maximumScale = 1023
    package var labels: OrderedDictionary<String, String> = [:]
    package var profiles: [String] = []
    /// `port[/protocol]` or `first-last[/protocol]`, as canonicalised; informs, publishes nothing.
    package var expose: [String] = []
    package var logging: LoggingDeclaration?
    /// docker compose's hash of the service, for the label; nil where nobody has made it. Whether a
    /// container is recreated does not depend on it.
    package var configHash: String?

    package init(name: String) { self.name = name }
}

/// compose-spec `build`.
package struct BuildDeclaration: Hashable, Codable, Sendable {
    /// Absolute path.
    package var context: String
    /// Relative to the context, or absolute.
    package var dockerfile = "Dockerfile"
    package var dockerfileInline: String?
    package var args: OrderedDictionary<String, String?> = [:]
    package var target: String?
    /// Name to absolute path, or `service:name`, `docker-image://…`.
    package var additionalContexts: OrderedDictionary<String, String> = [:]
    package var tags: [String] = []
    package var labels: OrderedDictionary<String, String> = [:]

    package init(context: String) { self.context = context }
}

/// One element of `ports`, a single port; ranges are expanded.
package struct PortDeclaration: Hashable, Codable, Sendable {
    package var hostAddress: String?
    /// Text, since it may be empty (any free port) or a range `8000-8010` to choose from.
    package var published: String?
    package var target: UInt16
    /// `tcp` or `udp`.
    package var transport = "tcp"

    package init(target: UInt16) { self.target = target }
}

/// One element of `volumes` of a service.
package struct VolumeMount: Hashable, Codable, Sendable {
    /// What is mounted.
    package enum Source: Hashable, Codable, Sendable {
        /// Absolute path of the host.
        case bind(path: String, createHostPath: Bool)
        /// Key of the project's volumes; nil is an anonymous volume.
        case volume(key: String?, nocopy: Bool)
        case tmpfs(sizeBytes: Int64?, mode: UInt32?)
    }

    /// mount_namespaces(7).
    package enum Propagation: String, Hashable, Codable, Sendable {
        case `private`, slave, shared

        static let words = ["private", "rprivate", "slave", "rslave", "shared", "rshared"]

        /// Docker mounts recursively by default and so do we: `rslave` and `slave` are one.
        init?(_ word: String) {
            guard Self.words.contains(word) else { return nil }
            self.init(rawValue: word.hasPrefix("r") ? String(word.dropFirst()) : word)
        }
    }

    package var source: Source
    /// Absolute path in the container, not `/` itself.
    package var target: String
    package var readOnly: Bool
    /// Of a bind; nil is the default.
    package var propagation: Propagation?

    package init(source: Source, target: String, readOnly: Bool = false) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }
}

/// A service on one network.
package struct ServiceNetwork: Hashable, Codable, Sendable {
    package var aliases: [String] = []
    package var ipv4Address: String?
    /// The highest gives the default route; of equal ones `priority` decides.
    package var gatewayPriority = 0
    /// The highest comes first among the container's interfaces.
    package var priority = 0
    package init() {}
}

/// compose-spec `depends_on`, long form.
package struct Dependency: Hashable, Codable, Sendable {
    /// What the other service must have reached (`depends_on.*.condition`).
    package enum Condition: String, Hashable, Codable, Sendable {
        case started = "service_started"
        case healthy = "service_healthy"
        case completedSuccessfully = "service_completed_successfully"
    }

    package var condition: Condition = .started
    /// Restart the dependent when the dependency is restarted by a command.
    package var restart = false
    package var required = true
    package init() {}
}

/// compose-spec `healthcheck`; nil members keep the image's or the default.
package struct HealthcheckDeclaration: Hashable, Codable, Sendable {
    /// What is run to find out (`healthcheck.test`).
    package enum Test: Hashable, Codable, Sendable {
        /// `NONE`, or `disable: true`.
        case none
        case exec([String])
        case shell(String)
    }

    package var test: Test?
    package var interval: Duration?
    package var timeout: Duration?
    package var startPeriod: Duration?
    package var startInterval: Duration?
    package var retries: Int?
    package init() {}
}

/// compose-spec `pull_policy`.
package enum PullPolicy: String, CaseIterable, Hashable, Codable, Sendable {
    case always, never, missing, build
}

/// compose-spec `logging`.
package struct LoggingDeclaration: Hashable, Codable, Sendable {
    /// Size at which the log file is rotated; nil never rotates.
    package var maximumSizeBytes: Int64?
    /// Number of files kept, the current one included.
    package var maximumFiles = 1
    package init() {}
}
