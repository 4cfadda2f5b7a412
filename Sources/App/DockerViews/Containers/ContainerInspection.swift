import ContainerRuntime
package import Engine
package import GoTemplate
import OCI
import SystemPackage

/// A container as docker's `inspect` shows it: what berth knows, under docker's names. What docker
/// has besides is what docker says of a container that has none of it.
package struct ContainerInspection {
    let container: ObservedContainer
    let spec: ContainerSpec
    let networks: [NetworkID: NetworkRecord]
    private let layout: Layout
    /// What it has written, and that with its image.
    package var sizes: (written: Int64, whole: Int64)?
    /// Of its health check, if it has one.
    package var health: HealthLog?

    /// `networks` are those of the machine.
    /// - Throws: for a record whose spec cannot be read.
    package init(
        _ container: ObservedContainer,
        networks: [NetworkRecord],
        layout: Layout
    ) throws {
        self.container = container
        self.networks = Dictionary(networks.map { ($0.id, $0) }) { $1 }
        self.layout = layout
        spec = try container.record.spec
    }

    /// Members in docker's order.
    package var value: GoValue {
        let record = container.record
        let folder = layout.container(record.id.text)
        func file(_ name: FilePath.Component) -> GoValue {
            .string(folder.appending(name).string)
        }
        let measured: Members =
            sizes.map { [("SizeRw", .integer($0.written)), ("SizeRootFs", .integer($0.whole))] }
            ?? []
        let identity: Members = [
            ("Id", .string(record.id.text)), ("Created", .string(record.createdAt.description)),
            ("Path", .string(spec.process.arguments.first ?? "")),
            ("Args", .strings(Array(spec.process.arguments.dropFirst()))), ("State", state),
            ("Image", .string(record.image.description)),
            ("ResolvConfPath", file("resolv.conf")), ("HostnamePath", file("hostname")),
            ("HostsPath", file("hosts")),
            ("LogPath", .string(folder.appending("log").appending("container.log").string)),
            ("Name", .string("/\(record.name)")),
            ("RestartCount", .integer(Int64(record.restartCount))),
            ("Driver", .string("overlay2")), ("Platform", .string("linux")),
            ("MountLabel", .string("")), ("ProcessLabel", .string("")),
            ("AppArmorProfile", .string("")), ("ExecIDs", .nothing(.list)),
        ]
        let layers = GoValue.object([
            (
                "Data",
                .strings([
                    "UpperDir": folder.appending("upper").string,
                    "WorkDir": folder.appending("work").string,
                ])
            ),
            ("Name", .string("overlay2")),
        ])
        let settings: Members = [
            ("Mounts", .list((spec.mounts + spec.inheritedMounts).compactMap(mount))),
            ("Config", config), ("NetworkSettings", networkSettings),
        ]
        return .object(
            identity + [("HostConfig", hostConfig), ("GraphDriver", layers)] + measured + settings,
            unwritten: [("SizeRw", .null), ("SizeRootFs", .null)]
        )
    }

    private var state: GoValue {
        let record = container.record
        func time(_ time: Timestamp?) -> GoValue {
            .string(time?.description ?? "0001-01-01T00:00:00Z")
        }
        let health: Members =
            HealthLog.value(health, current: record.health).map { [("Health", $0)] } ?? []
        return .object(
            [
                ("Status", .string(record.dockerState)),
                ("Running", .bool([.running, .restarting].contains(record.status))),
                ("Paused", .bool(record.isPaused)),
                ("Restarting", .bool(record.status == .restarting)),
                ("OOMKilled", .bool(record.oomKilled)), ("Dead", .bool(false)),
                ("Pid", .integer(Int64(container.initPID ?? 0))),
                ("ExitCode", .integer(Int64(record.shownExitCode))),
                ("Error", .string(record.error ?? "")), ("StartedAt", time(record.startedAt)),
                ("FinishedAt", time(record.status == .running ? nil : record.finishedAt)),
            ] + health,
            unwritten: [("Health", .nothing(.pointer("Health")))]
        )
    }

    private func mount(_ mount: MountSpec) -> GoValue? {
        let name: String
        var isAnonymous = false
        switch mount.source {
        case .image(_, let name): return image(mount, named: name)
        case .tmpfs: return nil  // docker has them in HostConfig
        case .bind(let path, _): return bind(mount, of: path)
        case .given(let file):
            // A file that was written for it is part of it, as with docker.
            guard case .host(let path) = file.origin else { return nil }
            return bind(mount, of: path)
        case .volume(let volume, _): name = volume
        case .anonymousVolume:
            isAnonymous = true
            name = container.volumes.first { $0.target == mount.target }?.volume ?? ""
        }
        return .object([
            ("Type", .string("volume")), ("Name", .string(name)),
            ("Source", .string(layout.volumeData(name).string)),
            ("Destination", .string(mount.target)), ("Driver", .string("local")),
            ("Mode", .string(mount.readOnly ? "ro" : isAnonymous ? "" : "z")),
            ("RW", .bool(!mount.readOnly)), ("Propagation", .string("")),
        ])
    }

    /// It is mounted in the container alone, and has no place on the host.
    private func image(_ mount: MountSpec, named name: String) -> GoValue {
        .object([
            ("Type", .string("image")), ("Name", .string(name)), ("Source", .string("")),
            ("Destination", .string(mount.target)), ("Mode", .string("")), ("RW", .bool(false)),
            ("Propagation", .string(propagation(mount))),
        ])
    }

    private func bind(_ mount: MountSpec, of path: String) -> GoValue {
        .object([
            ("Type", .string("bind")), ("Source", .string(path)),
            ("Destination", .string(mount.target)), ("Mode", .string(mount.readOnly ? "ro" : "")),
            ("RW", .bool(!mount.readOnly)), ("Propagation", .string(propagation(mount))),
        ])
    }

    private func propagation(_ mount: MountSpec) -> String { "r\(mount.propagation.rawValue)" }
}
