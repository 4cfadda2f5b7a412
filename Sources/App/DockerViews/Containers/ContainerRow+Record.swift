import Addresses
import ContainerRuntime
package import Engine
import OCI

extension ContainerRow {
    /// What the records say of a container.
    package init(_ container: ObservedContainer) {
        let record = container.record
        let spec = try? record.spec  // a record nobody can read is still listed
        self.init(
            id: record.id.text,
            name: record.name,
            image: spec?.imageName ?? record.image.description,
            state: record.status,
            createdAt: record.createdAt
        )
        arguments = spec?.process.arguments ?? []
        project = record.project ?? ""
        service = record.service ?? ""
        labels = record.labels
        networks = container.endpoints.map(\.networkName)
        switch spec?.network {
        case .host: networks.append("host")
        case .some(.none): networks.append("none")
        default: break
        }
        mounts = Self.mounts((spec?.mounts ?? []) + (spec?.inheritedMounts ?? []), of: container)
        ports = Self.ports(spec, of: record)
        isPaused = record.isPaused
        health = record.health
        exitCode = record.shownExitCode
        startedAt = record.startedAt
        finishedAt = record.finishedAt
    }

    /// In the order of the file; a volume by its record's name, which an anonymous one has, too.
    private static func mounts(_ mounts: [MountSpec], of container: ObservedContainer) -> [Mount] {
        let volumes = Dictionary(
            container.volumes.map { ($0.target, $0.volume) },
            uniquingKeysWith: { first, _ in first }
        )
        return mounts.compactMap { mount in
            switch mount.source {
            case .bind(let path, _): .path(path)
            case .volume(let name, _): .volume(volumes[mount.target] ?? name)
            case .anonymousVolume: volumes[mount.target].map { .volume($0) }
            case .given(let file):
                if case .host(let path) = file.origin { .path(path) } else { nil }
            case .image(_, let name): .image(name)
            case .tmpfs: nil
            }
        }
    }

    /// What is published, and what the service, its image or `ports` name beyond that.
    private static func ports(
        _ spec: ContainerSpec?,
        of record: ContainerRecord
    ) -> [PortColumn.Port] {
        guard record.status == .running else { return [] }
        var ports = record.published.map { binding in
            PortColumn.Port(
                address: binding.hostAddress,
                published: binding.hostPort.map(Int.init),
                target: Int(binding.containerPort),
                transport: binding.transport.rawValue
            )
        }
        // One that has left its last network has no ports at all.
        guard let spec, case .attached(let networks) = spec.network, !networks.isEmpty else {
            return ports
        }
        var exposed = Set(
            spec.ports.map { Exposed(port: $0.containerPort, transport: $0.transport.rawValue) }
        )
        for range in spec.exposed ?? [] {
            for port in range.ports.first...range.ports.last {
                exposed.insert(Exposed(port: port, transport: range.transport.rawValue))
            }
        }
        exposed.subtract(
            record.published.map {
                Exposed(port: $0.containerPort, transport: $0.transport.rawValue)
            }
        )
        ports += exposed.map { PortColumn.Port(target: Int($0.port), transport: $0.transport) }
        return ports
    }

    private struct Exposed: Hashable {
        var port: UInt16
        var transport: String
    }
}
