import ContainerRuntime
package import Engine

extension Observed {
    /// The engine's view in the plan's words.
    package init(_ project: ObservedProject) {
        self.init()
        containers = project.containers.map { Container($0.record) }
        networks = project.networks.map { record in
            var network = Network(
                name: record.name,
                project: record.project,
                key: record.key,
                isInternal: record.isInternal,
                subnet: "\(record.subnet)"
            )
            network.gateway = "\(record.gateway)"
            network.ipRange = record.ipRange.map { "\($0)" }
            network.labels = record.labels
            return network
        }
        // An anonymous volume goes with its container; only one without any stands by itself.
        let used = Set(project.containers.flatMap { $0.volumes.map(\.volume) })
        volumes = project.volumes.filter { !$0.isAnonymous || !used.contains($0.name) }
            .map { record in
                var volume = Volume(name: record.name, project: record.project, key: record.key)
                volume.labels = record.labels
                return volume
            }
    }
}

extension Observed.Container {
    fileprivate init(_ record: ContainerRecord) {
        // A spec that another version wrote and this one cannot read differs from whatever is
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
            state: Observed.State(record)
        )
        isOneOff = record.isOneOff
        published = record.published
        health =
            switch record.health {
            case .starting: .starting
            case .healthy: .healthy
            case .unhealthy: .unhealthy
            case nil: .none
            }
        dependencies = ComposeLabels.dependencies(in: record.labels[ComposeLabels.dependsOn])
    }
}

extension Observed.State {
    fileprivate init(_ record: ContainerRecord) {
        switch record.status {
        case .created: self = .created
        case .running where record.desired == .stopped,
            .restarting where record.desired == .stopped:
            self = .stopping
        case .running: self = .running
        case .restarting: self = .restarting
        // One whose end nobody saw did not complete.
        case .exited: self = .exited(code: record.exitCode ?? ContainerRecord.unseenExitCode)
        }
    }
}
