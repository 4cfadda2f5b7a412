package import ContainerRuntime
package import Engine
package import Supervisor

/// What there is of a project on this machine: the other half of a plan's input.
package struct Observed: Equatable, Sendable {
    /// Containers with the project's label, one-off ones too.
    package var containers: [Container] = []
    /// Every network of the machine, since an external one may be of any project.
    package var networks: [NetworkRecord] = []
    /// Every volume of the machine.
    package var volumes: [VolumeRecord] = []

    package init() {}

    /// A container that has a record.
    package struct Container: Equatable, Sendable {
        package var id: ContainerID
        package var name: String
        package var service: String
        package var number: Int
        package var isOneOff = false
        /// It was to replace another one that is there still: an update did not come to its end.
        package var isSuccessor = false
        /// A hook failed in it: it is kept to be looked at.
        package var isOfHook = false
        /// What it was made from.
        package var spec: ContainerSpec
        package var state: ContainerPhase
        /// It runs, and its processes stand still.
        package var isPaused = false
        /// nil without a health check and while it does not run.
        package var health: ContainerRecord.Health?
        /// Of its last run.
        package var startedAt: Timestamp?
        /// The ports that it really has, while it runs.
        package var published: [PortBinding] = []
        /// Names of the services it was made to depend on, from its label; `down` without a file
        /// orders by them.
        package var dependencies: [String] = []
        /// nil for one of no project.
        package var project: String?
        /// What its starts wait for of these, as far as its label says it.
        package var conditions: [String: WaitCondition] = [:]
        /// It ran when the machine was restarted, and its restart policy says that it is to run.
        package var waitsAfterReboot = false
        /// The project folder that it was made from, from its label.
        package var directory: String?

        package init(
            id: ContainerID,
            name: String,
            service: String,
            number: Int,
            spec: ContainerSpec,
            state: ContainerPhase
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
}

extension ContainerPhase {
    /// Something has to be stopped before it can be removed.
    package var isAlive: Bool { staysUp || self == .stopping }
    /// It needs no start.
    package var staysUp: Bool {
        switch self {
        case .starting, .running, .restarting: true
        case .created, .stopping, .exited: false
        }
    }
}

extension Observed {
    /// The engine's view in the plan's words.
    package init(_ project: ObservedProject) {
        self.init()
        containers = project.containers.map { Container($0.record) }
        let ids = Dictionary(containers.map { ($0.name, $0.id) }) { first, _ in first }
        for index in containers.indices {
            guard let old = ContainerRecord.predecessor(in: containers[index].name) else {
                continue
            }
            containers[index].isSuccessor = ids[old.name]?.text.hasPrefix(old.id) ?? false
        }
        networks = project.networks
        // An anonymous volume goes with its container; only one without any stands by itself.
        let used = Set(project.containers.flatMap { $0.volumes.map(\.volume) })
        volumes = project.volumes.filter { !$0.isAnonymous || !used.contains($0.name) }
    }
}

extension Observed.Container {
    fileprivate init(_ record: ContainerRecord) {
        // A spec that another version wrote and this one cannot read differs from any that is
        // wanted: the container is recreated.
        let unreadable = ContainerSpec(
            image: record.image,
            imageName: "",
            process: ProcessSpec(arguments: [])
        )
        self.init(
            id: record.id,
            name: record.name,
            service: record.service ?? "",
            number: record.number ?? 0,
            spec: (try? record.spec) ?? unreadable,
            state: ContainerPhase(record)
        )
        isOneOff = record.isOneOff
        isOfHook = record.labels[ComposeLabels.hook] != nil
        isPaused = record.isPaused
        published = record.published
        startedAt = record.startedAt
        health = record.health
        directory = record.labels[ComposeLabels.workingDirectory]
        project = record.project
        waitsAfterReboot = record.waitsAfterReboot
        conditions = ComposeLabels.conditions(in: record.labels[ComposeLabels.dependsOn])
        dependencies = ComposeLabels.dependencies(in: record.labels[ComposeLabels.dependsOn])
    }
}

extension ContainerPhase {
    fileprivate init(_ record: ContainerRecord) {
        switch record.status {
        case .created: self = .created
        case .running where record.desired == .stopped,
            .restarting where record.desired == .stopped:
            self = .stopping
        case .running: self = .running
        // A run whose end was not seen did not complete.
        case .restarting:
            self = .restarting(code: record.lastCode ?? ContainerRecord.unseenExitCode)
        case .exited: self = .exited(code: record.lastCode ?? ContainerRecord.unseenExitCode)
        }
    }
}
