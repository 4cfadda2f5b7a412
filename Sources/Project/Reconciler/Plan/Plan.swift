package import ContainerRuntime
package import Engine
package import Supervisor

/// What has to happen so that the machine is as the file says: a value to print, to compare and to
/// walk. Walking decides nothing. An empty plan means that everything is up to date.
package struct Plan: Equatable, Sendable {
    package var steps: [Step] = []
    /// What the user should hear before anything is done: orphans, networks that differ.
    package var warnings: [String] = []
    /// Containers that run and stay as they are.
    package var unchanged: [ContainerReference] = []
    /// Containers that have ended and that their restart policy starts again after a delay; they
    /// stay as they are, too.
    package var restarting: [ContainerReference] = []
    /// Reasons that are cut where people read them, with all that they stand for.
    package var wholeReasons: [String: [String]] = [:]
    /// By container that stays: what its configs and secrets hold that are files of its own, in case
    /// they are not there any more.
    var contents: [ContainerID: KeptContents] = [:]

    /// Of one container that stays.
    struct KeptContents: Equatable, Sendable {
        var spec: ContainerSpec
        /// By target.
        var contents: [String: FileContent]
    }

    /// One change, why it is made, and what it has to come after.
    package struct Step: Equatable, Sendable {
        package var operation: Operation
        /// Shown to the user: `web: image changed`, `no container yet`.
        package var because: String
        /// Indices of earlier steps that must have succeeded.
        package var after: [Int]
        /// Indices of earlier steps that must have ended, well or not.
        package var behind: [Int]

        package init(
            _ operation: Operation,
            because: String,
            after: [Int] = [],
            behind: [Int] = []
        ) {
            self.operation = operation
            self.because = because
            self.after = after
            self.behind = behind
        }
    }

    /// The verbs of a plan.
    package enum Operation: Equatable, Sendable {
        case pullImage(reference: String, services: [String])
        case buildImage(service: String, reference: String)
        case createNetwork(NetworkRequest)
        /// Puts a new network in the place of the one of that name, on which nothing runs by then;
        /// what is connected to it is connected to the new one when it is started.
        case replaceNetwork(NetworkRequest)
        case createVolume(VolumeRequest)
        case createContainer(WantedContainer)
        /// Puts a new container in the place of an old one, which is stopped by then; the anonymous
        /// volumes go over unless `renewsVolumes`.
        case replaceContainer(ContainerReference, WantedContainer, renewsVolumes: Bool)
        case startContainer(ContainerReference)
        /// Publishes a container's ports as the request asks, while it runs on: nothing else of it
        /// differs.
        case republish(ContainerReference, ContainerRequest)
        /// Starts the new one of two, until it is ready; when it never is, it is removed and the old
        /// one goes on.
        case tryContainer(Succession, Trial)
        /// Lets names lead to the new one of two, and no longer to the old one; returns when nobody is
        /// on the way to that any more.
        case leadNames(Succession)
        /// Removes the old one of two, which is stopped by then; the new one has its name from then on.
        case succeed(Succession)
        /// Lets time pass between two parts of an update.
        case delay(Duration, service: String)
        /// `depends_on` is in the plan, not in the runner. One that is not `required` only warns.
        case wait(ContainerReference, until: WaitCondition, required: Bool)
        /// Whether those that were ready one after the other are so still, now that all were.
        case lookAgain([ContainerReference])
        /// nil grace is the container's own.
        case stopContainer(ContainerReference, grace: Duration?)
        case restartContainer(ContainerReference, grace: Duration?)
        case killContainer(ContainerReference, signal: Int32)
        /// Lets its processes stand still.
        case pauseContainer(ContainerReference)
        case unpauseContainer(ContainerReference)
        /// Those that the container was made with, one after the other.
        case runHooks(ContainerReference, HookMoment)
        /// Runs one hook to its end in a container of its own, which is removed when that was a good one.
        case runPreStart(WantedContainer, PreStartPlace)
        case removeContainer(ContainerReference, withAnonymousVolumes: Bool)
        case removeNetwork(name: String)
        case removeVolume(name: String)
    }

    package init(steps: [Step] = [], warnings: [String] = []) {
        self.steps = steps
        self.warnings = warnings
    }

    /// Nothing to do.
    package var isEmpty: Bool { steps.isEmpty }

    /// False while an image is missing: such a plan is a forecast, to be made again once its
    /// image steps are done, because what runs depends on what the images say.
    package var isComplete: Bool {
        steps.allSatisfy { step in
            switch step.operation {
            case .createContainer(let wanted), .replaceContainer(_, let wanted, _),
                .runPreStart(let wanted, _):
                wanted.request != nil
            default: true
            }
        }
    }

    /// Something of it asks the project's supervisor to run a container.
    package var startsContainers: Bool {
        steps.contains { step in
            switch step.operation {
            case .startContainer, .restartContainer, .runPreStart, .tryContainer: true
            default: false
            }
        }
    }

    /// Adds a step and gives its index.
    package mutating func add(_ step: Step) -> Int {
        steps.append(step)
        return steps.count - 1
    }
}

/// A container as a plan names it: by name, since the identifier of one that is yet to be made is
/// not known; `id` is that of one that exists.
package struct ContainerReference: Hashable, Sendable {
    package var name: String
    /// Empty for a container of no service.
    package var service: String
    package var id: ContainerID?

    package init(name: String, service: String, id: ContainerID? = nil) {
        self.name = name
        self.service = service
        self.id = id
    }
}

/// A container to be made.
package enum WantedContainer: Equatable, Sendable {
    /// What the engine is asked for.
    case request(ContainerRequest)
    /// All that is known while its image, here by the reference of the file, is not on this machine:
    /// see `Plan.isComplete`.
    case forecast(ContainerReference, image: String)

    /// The container it will be.
    package var reference: ContainerReference {
        switch self {
        case .request(let request):
            ContainerReference(name: request.name, service: request.service ?? "")
        case .forecast(let reference, _): reference
        }
    }

    /// nil while the image is not on this machine.
    package var request: ContainerRequest? {
        if case .request(let request) = self { request } else { nil }
    }
}
