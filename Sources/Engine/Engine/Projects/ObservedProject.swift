/// What there is of a project: its records, with the state of its containers checked against the
/// kernel. Networks and volumes are those of the whole machine, since external ones may be anybody's.
package struct ObservedProject: Hashable, Sendable {
    package var project: ProjectRecord?
    /// By service and number.
    package var containers: [ObservedContainer]
    /// Every network, by name.
    package var networks: [NetworkRecord]
    /// Every volume, by name.
    package var volumes: [VolumeRecord]
}

/// A container's record, corrected by what the kernel says, and where it is connected.
package struct ObservedContainer: Hashable, Sendable {
    package var record: ContainerRecord
    /// In the order of its interfaces.
    package var endpoints: [EndpointRecord]
    package var volumes: [VolumeUse]
    /// Process 1 as the host numbers it; nil while it does not run.
    package var initPID: Int32?
    /// It ended, and no supervisor has written that down: none lives, or it is about to.
    package var endedUnseen = false

    /// Whether only a supervisor can say what follows: none may be alive.
    package var needsSupervisor: Bool {
        record.desired == .running && (record.status == .restarting || endedUnseen)
    }
}
