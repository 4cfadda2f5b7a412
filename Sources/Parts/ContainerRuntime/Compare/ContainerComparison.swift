import Linux
package import SystemPackage

/// What records say of a running container: what it is compared with.
package struct ContainerExpectation: Sendable {
    package var running: RunningContainer
    package var name: String
    /// As `Placement.cgroupParent`.
    package var cgroupParent: String
    package var resources: ResourceLimits
    /// What it may do with devices; nil where one of them is not on this machine any more.
    package var devices: [DeviceRule]?
    package var mounts: [MountSpec]
    /// It may mount and unmount by itself: what it has mounted is its own affair.
    package var administersMounts: Bool

    package init(
        _ running: RunningContainer,
        name: String,
        cgroupParent: String,
        resources: ResourceLimits,
        devices: [DeviceRule]? = DeviceRule.defaults,
        mounts: [MountSpec],
        administersMounts: Bool
    ) {
        self.running = running
        self.name = name
        self.cgroupParent = cgroupParent
        self.resources = resources
        self.devices = devices
        self.mounts = mounts
        self.administersMounts = administersMounts
    }
}

/// Something that a running container has otherwise than its record says.
package struct ContainerFault: Hashable, Sendable, CustomStringConvertible {
    package var container: ContainerID
    package var containerName: String
    package var subject: Subject
    /// What is wrong; for what cannot be repaired, also what to do.
    package var reason: String

    /// What differs from the specification.
    package enum Subject: Hashable, Sendable {
        /// Its groups, what is in them, their limits and rules: put right in place.
        case cgroup(FilePath)
        /// What is mounted at a target: only a new start mounts it again.
        case mount(target: String)
    }

    /// Whether `ContainerRuntime.mend` puts it right while the container runs.
    package var isRepairable: Bool {
        switch subject {
        case .cgroup: true
        case .mount: false
        }
    }

    /// What a user can look for with other tools.
    package var name: String {
        switch subject {
        case .cgroup(let path): path.string
        case .mount(let target): "\(containerName):\(target)"
        }
    }

    package var description: String { "\(name): \(reason)" }
}

extension ContainerRuntime {
    /// Where a running container differs from its record, in cgroups and mounts. Changes nothing;
    /// one that ends meanwhile has no faults.
    package func faults(of expected: ContainerExpectation) throws -> [ContainerFault] {
        let cgroup = try cgroupFaults(of: expected)
        let mounts = expected.administersMounts ? [] : try mountFaults(of: expected)
        return expected.running.isAlive ? cgroup + mounts : []
    }

    /// Makes missing groups again, brings back into them what belongs to the container, and sets
    /// their limits and rules. Harmless where nothing is wrong.
    package func mendCgroups(of expected: ContainerExpectation) throws {
        let (id, running) = (expected.running.id, expected.running)
        try RuntimeError.naming(expected.name) { () throws(RuntimeError) in
            try cgroups.restore(
                id,
                parent: expected.cgroupParent,
                limits: expected.resources,
                devices: expected.devices,
                processes: { () throws(SyscallError) in
                    running.isAlive ? try ContainerProcesses.all(ofInit: running.initPID) : []
                }
            )
        }
        // It ended meanwhile, and its keeper has not seen what was made again.
        if !running.isAlive { try cleanUp(id, in: running.directory) }
    }
}
