import Compose
import ContainerRuntime
import OCI
import OrderedCollections

extension MountSpec {
    /// The mounts of a service: its own, then its `tmpfs`, then the image's volumes where nothing
    /// of the service is mounted.
    static func all(
        of service: Service,
        in project: Project,
        image: ServiceImage
    ) throws(ReconcilerError) -> [MountSpec] {
        let subject = "service \"\(service.name)\""
        var mounts: [MountSpec] = []
        for mount in service.volumes + service.tmpfs {
            mounts.append(try MountSpec(of: mount, in: project, image, for: subject))
        }
        var taken = Set(mounts.map(\.target))
        for path in image.defaults.volumes.sorted() {
            let target = cleaned(path)
            guard target != "/", taken.insert(target).inserted else { continue }
            mounts.append(
                MountSpec(source: .anonymousVolume(copiesImageContent: true), target: target)
            )
        }
        return mounts
    }

    /// What a device needs of this machine; it is there before.
    init(of mount: DeviceEdits.Mount) {
        self.init(
            source: .bind(path: mount.hostPath, create: false),
            target: cleaned(mount.containerPath),
            readOnly: mount.readOnly
        )
        recursion = mount.isRecursive ? nil : .disabled
        bindOptions = mount.options.isEmpty ? nil : mount.options
    }

    private init(
        of mount: VolumeMount,
        in project: Project,
        _ image: ServiceImage,
        for subject: String
    ) throws(ReconcilerError) {
        let source: Source
        switch mount.source {
        case .bind(let path, let createHostPath):
            source = .bind(path: path, create: createHostPath)
        case .volume(nil, let nocopy):
            source = .anonymousVolume(copiesImageContent: !nocopy)
        case .volume(let key?, let nocopy):
            guard let volume = project.volumes[key] else {
                throw ReconcilerError(
                    subject,
                    "volume \"\(key)\" is not declared",
                    remedy: "add it to the top-level `volumes`"
                )
            }
            source = .volume(name: volume.name, copiesImageContent: !nocopy)
        case .tmpfs(let sizeBytes, let mode):
            source = .tmpfs(sizeBytes: sizeBytes, mode: mode)
        case .image(let name):
            guard let mounted = image.mounted[name] else {
                throw ReconcilerError(
                    subject,
                    "image \(name), which it mounts at \(mount.target), is not on this machine",
                    remedy: "pull or build it"
                )
            }
            source = .image(digest: mounted.digest, name: mounted.reference)
        case .namedPipe, .cluster:
            throw ReconcilerError(
                subject,
                "cannot mount at \(mount.target): bind, volume, tmpfs and image are supported"
            )
        }
        self.init(source: source, target: cleaned(mount.target), readOnly: mount.readOnly)
        subpath = mount.subpath.flatMap { $0.isEmpty ? nil : $0 }
        if case .volume(nil, _) = mount.source, !mount.labels.isEmpty {
            labels = Dictionary(mount.labels.map { ($0.key, $0.value) }) { $1 }
        }
        tmpfsOptions = mount.tmpfsOptions.isEmpty ? nil : mount.tmpfsOptions
        mapsOwner = mount.mapsOwner ? true : nil
        recursion =
            switch mount.recursive {
            case .disabled: .disabled
            case .writable: .writable
            // All that is mounted beneath a bind is as the bind is.
            case .enabled, .readonly, nil: nil
            }
        propagation =
            switch mount.propagation {
            case nil, .private: .private
            case .slave: .slave
            case .shared: .shared
            }
    }
}

extension InheritedMounts {
    /// nil for most services.
    static func all(of service: Service, _ neighbours: Neighbours) -> [InheritedMounts]? {
        guard !service.volumesFrom.isEmpty else { return nil }
        return service.volumesFrom.map { other in
            switch other.source {
            case .service(let name):
                InheritedMounts(
                    from: neighbours.container(of: name),
                    readOnly: other.readOnly
                )
            case .container(let name): InheritedMounts(from: name, readOnly: other.readOnly)
            }
        }
    }
}

/// An absolute path without `.`, `..`, doubled and trailing slashes; a relative one stays as it is.
func cleaned(_ path: String) -> String {
    guard path.hasPrefix("/") else { return path }
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
        if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
}
