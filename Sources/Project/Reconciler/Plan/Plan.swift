package import ContainerRuntime

/// What has to happen so that the machine is as the file says: a value to print, to compare and to
/// walk. Walking decides nothing. An empty plan means that everything is up to date.
package struct Plan: Equatable, Sendable {
    package var steps: [Step] = []
    /// What the user should hear before anything is done: orphans, networks that differ.
    package var warnings: [String] = []
    /// Containers that run and stay as they are.
    package var unchanged: [ContainerReference] = []

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
        case createNetwork(NetworkDraft)
        /// Puts a new network in the place of the one of that name, on which nothing runs by then;
        /// what is connected to it is connected to the new one when it is started.
        case replaceNetwork(NetworkDraft)
        case createVolume(VolumeDraft)
        case createContainer(ContainerDraft)
        /// Puts a new container in the place of an old one, which is stopped by then; the anonymous
        /// volumes go over unless `renewsVolumes`.
        case replaceContainer(ContainerReference, ContainerDraft, renewsVolumes: Bool)
        case startContainer(ContainerReference)
        /// `depends_on` is in the plan, not in the runner. One that is not `required` only warns.
        case wait(ContainerReference, until: Condition, required: Bool)
        /// Whether those that were ready one after the other are so still, now that all were.
        case lookAgain([ContainerReference])
        /// nil grace is the container's own.
        case stopContainer(ContainerReference, grace: Duration?)
        case restartContainer(ContainerReference, grace: Duration?)
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
            case .createContainer(let draft), .replaceContainer(_, let draft, _):
                draft.spec != nil
            default: true
            }
        }
    }

    /// Adds a step and gives its index.
    package mutating func add(_ step: Step) -> Int {
        steps.append(step)
        return steps.count - 1
    }
}

/// What a dependent waits for. compose-spec `depends_on`, and what `up --wait` asks.
package enum Condition: Hashable, Sendable {
    case running
    case healthy
    case completedSuccessfully
    /// Healthy where there is a health check, else running, and not only for a moment; one that has
    /// done its work and ended with 0 is ready, too.
    case ready
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
package struct ContainerDraft: Equatable, Sendable {
    package var name: String
    package var service: String
    package var number: Int
    /// The reference of the image, as the file says it.
    package var image: String
    /// nil until the image is on this machine: see `Plan.isComplete`.
    package var spec: ContainerSpec?
    /// `com.docker.compose.*`: whose container it is, not what it is; no part of the spec's hash.
    package var labels: [String: String]

    package init(
        name: String,
        service: String,
        number: Int,
        image: String,
        spec: ContainerSpec?,
        labels: [String: String]
    ) {
        self.name = name
        self.service = service
        self.number = number
        self.image = image
        self.spec = spec
        self.labels = labels
    }

    /// The container it will be.
    package var reference: ContainerReference { ContainerReference(name: name, service: service) }
}

/// A network to be made.
package struct NetworkDraft: Hashable, Sendable {
    package var name: String
    package var isInternal: Bool
    /// CIDR; nil takes the next free pool.
    package var subnet: String?
    package var gateway: String?
    package var ipRange: String?
    package var labels: [String: String]
}

/// A volume to be made.
package struct VolumeDraft: Hashable, Sendable {
    package var name: String
    package var driver: String
    package var driverOptions: [String: String]
    package var labels: [String: String]
}
