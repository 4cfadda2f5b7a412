package import Engine
package import GoTemplate

/// A volume as docker's `inspect` shows it.
package struct VolumeInspection {
    private let volume: VolumeRecord
    private let path: String

    /// `path` is what containers see of the volume.
    package init(_ volume: VolumeRecord, at path: String) {
        self.volume = volume
        self.path = path
    }

    /// Members in docker's order.
    package var value: GoValue {
        .object([
            ("CreatedAt", .string(HumanTime.rfc3339(volume.createdAt))),
            ("Driver", .string(volume.driver)),
            ("Labels", volume.labels.isEmpty ? .nothing(.map) : .strings(volume.labels)),
            ("Mountpoint", .string(path)), ("Name", .string(volume.name)),
            (
                "Options",
                volume.driverOptions.isEmpty ? .nothing(.map) : .strings(volume.driverOptions)
            ), ("Scope", .string("local")),
        ])
    }
}
