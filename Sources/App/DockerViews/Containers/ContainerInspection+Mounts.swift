import ContainerRuntime
import Engine
import GoTemplate

/// Mounts as they were asked for: docker keeps those of `--mount` apart.
extension ContainerInspection {
    /// Whether it is one of `--mount`.
    func isLong(_ mount: MountSpec) -> Bool {
        spec.asked?.mountTargets.contains(mount.target) ?? false
    }

    /// Those of `--mount`; configs and secrets that are files of the host, and images, which docker takes
    /// as such only.
    var longMounts: Members {
        let mounts = spec.mounts.compactMap { mount -> GoValue? in
            switch mount.source {
            case .given(let file):
                guard case .host(let path) = file.origin else { return nil }
                return .object([
                    ("Type", .string("bind")), ("Source", .string(path)),
                    ("Target", .string(mount.target)), ("ReadOnly", .bool(true)),
                ])
            case .image(_, let name):
                let part = mount.subpath.map { [("Subpath", GoValue.string($0))] } ?? []
                return long(mount, "image", name, "ImageOptions", part)
            case .bind, .volume, .anonymousVolume, .tmpfs:
                return isLong(mount) ? long(mount) : nil
            }
        }
        return mounts.isEmpty ? [] : [("Mounts", .list(mounts))]
    }

    private func long(_ mount: MountSpec) -> GoValue? {
        switch mount.source {
        case .bind(let path, _):
            let mode = "r\(mount.propagation.rawValue)"
            let options =
                mount.propagation == .private ? [] : [("Propagation", GoValue.string(mode))]
            return long(mount, "bind", path, "BindOptions", options)
        case .volume(let name, let copies):
            let copying = copies ? [] : [("NoCopy", GoValue.bool(true))]
            let part = mount.subpath.map { [("Subpath", GoValue.string($0))] } ?? []
            return long(mount, "volume", name, "VolumeOptions", copying + part)
        case .anonymousVolume: return long(mount, "volume", nil, "VolumeOptions", [])
        case .tmpfs(let size, let mode):
            let options =
                (size.map { [("SizeBytes", GoValue.integer($0))] } ?? [])
                + (mode.map { [("Mode", GoValue.integer(Int64($0)))] } ?? [])
            return long(mount, "tmpfs", nil, "TmpfsOptions", options)
        case .given, .image: return nil
        }
    }

    private func long(
        _ mount: MountSpec,
        _ type: String,
        _ source: String?,
        _ key: String,
        _ options: Members
    ) -> GoValue {
        .object(
            [("Type", .string(type))] + (source.map { [("Source", .string($0))] } ?? [])
                + [("Target", .string(mount.target))]
                + (mount.readOnly ? [("ReadOnly", .bool(true))] : [])
                + (options.isEmpty ? [] : [(key, .object(options))])
        )
    }

    /// `/host:/inside:ro`, and named volumes in the same form; as they were written, where that is known.
    var binds: [String] {
        if let binds = spec.asked?.binds { return binds }
        return spec.mounts.compactMap { mount in
            let source: String
            switch mount.source {
            case .bind(let path, _): source = path
            case .volume(let name, _): source = name
            case .anonymousVolume, .tmpfs, .given, .image: return nil
            }
            // Docker's compose writes that it may be written to, its command line does not.
            let mode = mount.readOnly ? ":ro" : container.record.project == nil ? "" : ":rw"
            return "\(source):\(mount.target)\(mode)"
        }
    }
}
