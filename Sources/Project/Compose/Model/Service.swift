package import Addresses
package import KernelNames
package import OrderedCollections

/// What was asked for, resolved: the first of the three shapes of a service.
///
/// It holds every attribute of the specification, whether the engine carries it out or not; what is
/// not carried out is found by who makes something of a service. Members are called as in the
/// specification; `LoadedProject.problem` finds where the file says one.
package struct Service: Hashable, Codable, Sendable {
    /// compose-spec `name`.
    package var name: String

    // Where its image comes from.
    /// compose-spec `image`.
    package var image: String?
    /// compose-spec `build`.
    package var build: BuildDeclaration?
    /// `os[/architecture[/variant]]`
    package var platform: String?
    /// compose-spec `pull_policy`.
    package var pullPolicy: PullPolicy?
    /// How old an image may be, of `pull_policy: refresh`.
    package var pullRefreshAfter: Duration?

    // What runs.
    /// nil keeps the image's CMD; an empty list clears it.
    package var command: [String]?
    /// compose-spec `entrypoint`.
    package var entrypoint: [String]?
    /// A nil value takes the variable out, the image's too. `env_file` is already merged in.
    package var environment: OrderedDictionary<String, String?> = [:]
    /// compose-spec `working_dir`.
    package var workingDirectory: String?
    /// compose-spec `user`.
    package var user: String?
    /// Names or numbers.
    package var groupAdd: [String] = []
    /// compose-spec `tty`: its standard streams are a terminal.
    package var tty = false
    /// compose-spec `stdin_open`: who attaches can give it input.
    package var stdinOpen = false
    /// Off: `up` does not show what it writes.
    package var attach: Bool?
    /// compose-spec `hostname`.
    package var hostname: String?
    /// compose-spec `domainname`.
    package var domainname: String?
    /// compose-spec `container_name`.
    package var containerName: String?
    /// compose-spec `init`.
    package var usesInit: Bool?

    // What it may do, and what it may use.
    /// compose-spec `security`.
    package var security = SecurityDeclaration()
    /// compose-spec `namespaces`.
    package var namespaces = NamespaceDeclaration()
    /// compose-spec `resources`.
    package var resources = ResourceDeclaration()
    /// compose-spec `devices`.
    package var devices = DeviceDeclaration()
    /// compose-spec `runtime`.
    package var runtime: String?
    /// Of Windows.
    package var isolation: String?
    /// Of Windows.
    package var credentialSpec: CredentialSpec?
    /// compose-spec `use_api_socket`.
    package var useAPISocket = false
    /// compose-spec `annotations`.
    package var annotations: OrderedDictionary<String, String> = [:]

    // What it reaches, and by what it is reached.
    /// compose-spec `network_mode`.
    package var networkMode: NetworkModeDeclaration?
    /// By key of the project's networks. Never empty: a service without any is on `default`, unless
    /// it has a `networkMode` or a `provider`.
    package var networks: OrderedDictionary<String, ServiceNetwork> = [:]
    /// Of its link on the main network.
    package var macAddress: MACAddress?
    /// compose-spec `ports`.
    package var ports: [PortDeclaration] = []
    /// `port[/protocol]` or `first-last[/protocol]`, as canonicalised; informs, publishes nothing.
    package var expose: [String] = []
    /// compose-spec `dns`.
    package var dns = NameServiceDeclaration()
    /// compose-spec `extra_hosts`.
    package var extraHosts: [HostEntry] = []
    /// compose-spec `links`.
    package var links: [ServiceLink] = []
    /// compose-spec `external_links`.
    package var externalLinks: [ServiceLink] = []

    // What is in its file system.
    /// compose-spec `read_only`.
    package var readOnly = false
    /// compose-spec `volumes`.
    package var volumes: [VolumeMount] = []
    /// compose-spec `volumes_from`.
    package var volumesFrom: [VolumesFrom] = []
    /// Each with a source `tmpfs`.
    package var tmpfs: [VolumeMount] = []
    /// compose-spec `configs`.
    package var configs: [FileReference] = []
    /// compose-spec `secrets`.
    package var secrets: [FileReference] = []
    /// compose-spec `storage_opt`.
    package var storageOpt: OrderedDictionary<String, String> = [:]

    // When it runs, and how it ends.
    /// compose-spec `depends_on`.
    package var dependsOn: OrderedDictionary<String, Dependency> = [:]
    /// compose-spec `healthcheck`.
    package var healthcheck: HealthcheckDeclaration?
    /// `x-berth.on_unhealthy`.
    package var onUnhealthy: UnhealthyAction?
    /// compose-spec `restart`.
    package var restart: RestartDeclaration?
    /// compose-spec `stop_signal`.
    package var stopSignal: Signal?
    /// compose-spec `stop_grace_period`.
    package var stopGracePeriod: Duration?
    /// compose-spec `pre_start`.
    package var preStart: [Hook] = []
    /// compose-spec `post_start`.
    package var postStart: [Hook] = []
    /// compose-spec `pre_stop`.
    package var preStop: [Hook] = []
    /// Number of containers; 1 unless `scale` or `deploy.replicas` says otherwise.
    package var scale = 1
    /// As many as one network connects: a bridge of Linux has 1024 ports, and the first is no port
    /// (net/bridge/br_private.h, BR_MAX_PORTS).
    package static let maximumScale = 1023
    /// compose-spec `deploy`.
    package var deploy: DeployDeclaration?
    /// compose-spec `profiles`.
    package var profiles: [String] = []

    // What is written down of it.
    /// `label_file` is already merged in.
    package var labels: OrderedDictionary<String, String> = [:]
    /// compose-spec `logging`.
    package var logging: LoggingDeclaration?

    // What others do for it.
    /// compose-spec `develop`.
    package var develop: DevelopDeclaration?
    /// By key of the project's models.
    package var models: OrderedDictionary<String, ServiceModel> = [:]
    /// The program that runs the service in the place of containers.
    package var provider: ProviderDeclaration?
    /// Services of `Project.providers` that it depends on.
    package var providedBy: [String] = []

    /// docker compose's hash of the service, for the label; nil where nobody has made it. Whether a
    /// container is recreated does not depend on it.
    package var configHash: String?

    /// Says no more than what must be said.
    package init(name: String) { self.name = name }

    /// Where an attribute of the service is in a project: `services.web.ports[0]`.
    package func path(_ attribute: String) -> String { "services.\(name).\(attribute)" }
}
