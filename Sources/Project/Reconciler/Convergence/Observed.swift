package import ContainerRuntime

/// What there is of a project on this machine: the other half of a plan's input.
package struct Observed: Equatable, Sendable {
    /// Containers with the project's label, one-off ones too.
    package var containers: [Container] = []
    /// Every network of the machine, since an external one may be anybody's.
    package var networks: [Network] = []
    /// Every volume of the machine.
    package var volumes: [Volume] = []

    package init() {}

    /// A container that has a record.
    package struct Container: Equatable, Sendable {
        package var id: ContainerID
        package var name: String
        package var service: String
        package var number: Int
        package var isOneOff = false
        /// What it was made from.
        package var spec: ContainerSpec
        package var state: State
        package var health: Health = .none
        /// The ports that it really has, while it runs.
        package var published: [PortBinding] = []
        /// Names of the services it was made to depend on, from its label; `down` without a file
        /// orders by them.
        package var dependencies: [String] = []

        package init(
            id: ContainerID,
            name: String,
            service: String,
            number: Int,
            spec: ContainerSpec,
            state: State
        ) {
            self.id = id
            self.name = name
            self.service = service
            self.number = number
            self.spec = spec
            self.state = state
        }

        /// The name a plan uses for it.
        package var reference: ContainerReference {
            ContainerReference(name: name, service: service, id: id)
        }
    }

    /// What a container is doing.
    package enum State: Hashable, Sendable {
        case created
        case running
        /// Ended, and its restart policy will start it again.
        case restarting
        /// Still runs, but somebody has asked for its end, which comes also when he is gone.
        case stopping
        case exited(code: Int32)

        /// Something has to be stopped before it can be removed.
        package var isAlive: Bool { staysUp || self == .stopping }
        /// It needs no start.
        package var staysUp: Bool { self == .running || self == .restarting }
    }

    /// What the healthcheck says; `none` without one.
    package enum Health: Hashable, Sendable { case none, starting, healthy, unhealthy }

    /// A network as it exists.
    package struct Network: Equatable, Sendable {
        package var name: String
        /// Label of the project that made it; nil for one made by hand.
        package var project: String?
        /// Its key in the file, from its label; nil for one made by hand.
        package var key: String?
        package var isInternal: Bool
        package var subnet: String?
        package var gateway: String?
        package var ipRange: String?
        package var labels: [String: String] = [:]

        package init(
            name: String,
            project: String?,
            key: String? = nil,
            isInternal: Bool,
            subnet: String?
        ) {
            self.name = name
            self.project = project
            self.key = key
            self.isInternal = isInternal
            self.subnet = subnet
        }
    }

    /// A volume as it exists.
    package struct Volume: Equatable, Sendable {
        package var name: String
        package var project: String?
        /// Its key in the file, from its label; nil for one made by hand.
        package var key: String?
        package var labels: [String: String] = [:]

        package init(name: String, project: String?, key: String? = nil) {
            self.name = name
            self.project = project
            self.key = key
        }
    }
}
