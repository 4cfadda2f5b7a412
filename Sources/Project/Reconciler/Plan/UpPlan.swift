import Compose
import ContainerRuntime
import Engine

/// Puts an `up` together, service by service.
struct UpPlan {
    let project: Project
    let observed: Observed
    let images: KnownImages
    let options: UpOptions
    let selection: ServiceSelection
    /// The container that is made of its service instead of replicas.
    var oneOff: OneOff?
    let files: any FileReader
    /// The services' containers by number, one-off ones left out.
    let existing: [String: [Observed.Container]]
    var plan = Plan()
    /// The replicas each selected service is to have, decided before any step is made.
    var replicas: [String: [Replica]] = [:]
    /// The ports of services whose image, and so whose spec, is not known yet.
    var forecastPorts: [String: [PortBinding]] = [:]
    /// Containers that go because there are too many.
    var excess: [String: [Observed.Container]] = [:]
    /// Steps by what they make: record names of networks and volumes.
    var makers: [String: Int] = [:]
    /// The last step that concerns each container, by name: starting it, or making it.
    var latest: [String: Int] = [:]
    var waits = PlanWaits()
    /// Those that there are and that run in namespaces of others.
    let sharing: [Observed.Container]
    /// Steps that run hooks which are for a whole service, by their index.
    var preStarted: [String: [Int: Int]] = [:]
    /// What runs and is stopped for something that is replaced, by name.
    var halted: [String: Halt] = [:]
    /// Steps that settle what a killed update has left, by service.
    var leftoverSteps: [String: [Int]] = [:]
    /// Volumes that are made again, by record name.
    let renewedVolumes: [String: RenewedVolume]
    /// Steps that remove who has such a volume.
    var removedUsers: [ContainerID: Int] = [:]
    /// Names of those that are kept or replaced for a service that is brought up.
    var decided: Set<String> = []
    /// Services whose containers are replaced, restarted or started by this plan.
    var renewed: Set<String> = []
    /// Those that are replaced, or restarted since such a one is: a mere start is no update.
    var replaced: Set<String> = []

    init(
        project: Project,
        observed: Observed,
        images: KnownImages,
        options: UpOptions,
        selection: ServiceSelection,
        files: any FileReader
    ) {
        self.project = project
        self.observed = observed
        self.images = images
        self.options = options
        self.selection = selection
        self.files = files
        sharing = observed.sharing
        renewedVolumes = Self.renewedVolumes(
            of: selection,
            in: project,
            observed: observed,
            options: options
        )
        let leaving = Set(renewedVolumes.values.flatMap(\.users).map(\.id))
        let staying = observed.containers.filter { $0.isReplica && !leaving.contains($0.id) }
        existing = Dictionary(grouping: staying, by: \.service)
            .mapValues { $0.sorted { ($0.number, $0.name) < ($1.number, $1.name) } }
    }

    /// One wanted container.
    struct Replica {
        var name: String
        let service: String
        /// The reference of its image, as the file says it.
        let image: String
        /// nil while the image is not on this machine.
        var request: ContainerRequest?
        var existing: Observed.Container?
        /// Why the existing one is not good any more; nil when it is.
        var replacement: String?
        /// Why only its ports are to be published anew.
        var republishing: String?
        /// What becomes of what a killed update has left beside it.
        var interrupted: Interrupted?
        /// How the existing one takes over before anything else.
        var succeeds: Succession?

        var wanted: WantedContainer {
            request.map { .request($0) }
                ?? .forecast(ContainerReference(name: name, service: service), image: image)
        }
        var reference: ContainerReference {
            kept?.reference ?? ContainerReference(name: name, service: service)
        }
        /// It exists and stays.
        var kept: Observed.Container? { replacement == nil ? existing : nil }
    }

    /// A container that is stopped until its networks, or whose namespaces it shares, are there
    /// again.
    struct Halt {
        var container: Observed.Container
        var stop: Int
        /// For the user.
        var because: String
        var makers: [Int] = []
        /// The container whose namespaces it shares.
        var companion: String?
    }
}
