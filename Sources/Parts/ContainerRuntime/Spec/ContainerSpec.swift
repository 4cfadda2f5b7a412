package import OCI

/// What will run: one container, completely decided. The second of the three shapes of a service.
///
/// Its hash over canonical JSON says whether a container must be recreated, so everything that
/// changes what the container is belongs here and nothing that differs from run to run (its
/// identifier, addresses, host paths of ours) does. Names are those of the host's records.
package struct ContainerSpec: Hashable, Codable, Sendable {
    /// Digest of the image's configuration; what the root file system is made of.
    package var image: Digest
    /// The reference the user wrote, for display (`redis:7`).
    package var imageName: String
    package var process: ProcessSpec
    /// Name inside the UTS namespace; nil means the first 12 digits of the container's identifier.
    package var hostname: String?
    package var domainName: String?
    /// In the order of the file; the runtime orders them by depth of their target.
    package var mounts: [MountSpec] = []
    /// nil where it is nobody else's.
    package var volumesFrom: [InheritedMounts]?
    package var readOnlyRoot = false
    /// Runs our init as process 1, which forwards signals and reaps.
    package var usesInit = false
    package var security = SecuritySpec()
    package var resources = ResourceLimits()
    /// nil where it has the default ones alone.
    package var devices: DeviceSpec?
    /// Size of `/dev/shm`; Docker's default of 64 MiB.
    package var shmSizeBytes: Int64 = 64 << 20
    package var network: NetworkMode = .none
    /// nil where everything is the container's own.
    package var namespaces: NamespaceSpec?
    /// Sorted by name; nil for Docker's alone.
    package var sysctls: [SysctlSetting]?
    /// It is removed as soon as it has ended for good, with its anonymous volumes; nil is no.
    package var isRemovedAtEnd: Bool?
    package var ports: [PortBinding] = []
    /// Ports that the service or its image names without publishing them, for those who look; nil
    /// in a spec from before this was kept, which says nothing of them.
    package var exposed: [ExposedPorts]?
    package var extraHosts: [ExtraHost] = []
    package var dns = DNSSettings()
    /// nil for none.
    package var links: [ContainerLink]?
    package var stop = StopSettings()
    package var restart: RestartPolicy = .no
    package var healthcheck: Healthcheck?
    /// nil: nothing follows.
    package var onUnhealthy: HealthAction?
    /// nil where there is none.
    package var hooks: HookSpecs?
    package var log = LogSpec()
    /// nil: pipes without input, as in a spec from before there was anything else.
    package var streams: Streams?
    package var labels: [String: String] = [:]
    /// Notes for who looks at the container; nil without any. compose-spec `annotations`.
    package var annotations: [String: String]?
    /// For those who look; nil in a spec from before this was kept, which says nothing of it.
    package var asked: AskedSettings?

    package init(image: Digest, imageName: String, process: ProcessSpec) {
        self.image = image
        self.imageName = imageName
        self.process = process
    }
}

/// A program to execute inside a container: its init, or an `exec`.
package struct ProcessSpec: Hashable, Codable, Sendable {
    /// Program and arguments, never empty; the program is looked up in the container's PATH.
    package var arguments: [String]
    /// `NAME=value`, in order, names unique.
    package var environment: [String] = []
    /// Absolute path beneath the root; created when missing.
    package var workingDirectory = "/"
    /// `user[:group]`, names or numbers, resolved beneath the root; empty means 0:0.
    package var user = ""
    /// Names or numbers of supplementary groups (compose-spec `group_add`).
    package var supplementaryGroups: [String] = []
    package var resourceLimits: [ResourceLimit] = []

    package init(arguments: [String]) { self.arguments = arguments }

    /// `PATH` where neither the image nor the user says one; Docker's.
    package static let defaultPath =
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

/// One `setrlimit(2)`.
package struct ResourceLimit: Hashable, Codable, Sendable {
    /// `nofile`, `nproc`, … without `RLIMIT_`, lower case.
    package var name: String
    package var soft: UInt64
    package var hard: UInt64

    package init(name: String, soft: UInt64, hard: UInt64) {
        self.name = name
        self.soft = soft
        self.hard = hard
    }
}

/// How a container is told to end.
package struct StopSettings: Hashable, Codable, Sendable {
    /// Number of the signal that asks; SIGTERM unless the image or the file says otherwise.
    package var signal: Int32 = 15
    /// Time between the asking signal and SIGKILL. compose-spec `stop_grace_period`.
    package var grace: Duration = .seconds(10)
    package init() {}
}

/// What becomes of what a container writes; without more, Docker's json-file driver with its
/// defaults.
package struct LogSpec: Hashable, Codable, Sendable {
    /// Docker's drivers.
    package enum Driver: String, Hashable, Codable, Sendable {
        case jsonFile = "json-file"
        /// Kept as `jsonFile` is; who looks is told this name.
        case local
        /// Nothing is kept: there is nothing to read later, and who attaches sees it.
        case none
        /// These are sent elsewhere (`delivery`), and kept as `local` is.
        case syslog, journald, gelf, fluentd
    }

    /// nil for json-file, as in a spec from before there was anything else.
    package var driver: Driver?
    /// A file is rotated before it grows beyond this; nil never rotates.
    package var maximumFileBytes: Int64?
    /// How many files there are at most, the one that grows included.
    package var maximumFiles = 1
    /// nil where it is only kept.
    package var delivery: LogDelivery?
    /// nil where nothing goes with the lines that are kept.
    package var marks: LogMarks?
    package init() {}
}
