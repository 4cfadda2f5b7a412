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
        image: ContainerDefaults
    ) throws(ReconcilerError) -> [MountSpec] {
        let subject = "service \"\(service.name)\""
        var mounts: [MountSpec] = []
        for mount in service.volumes {
            mounts.append(try MountSpec(of: mount, in: project, for: subject))
        }
        for entry in service.tmpfs { mounts.append(try tmpfs(entry, for: subject)) }
        var taken = Set(mounts.map(\.target))
        for path in image.volumes.sorted() {
            let target = cleaned(path)
            guard target != "/", taken.insert(target).inserted else { continue }
            mounts.append(
                MountSpec(source: .anonymousVolume(copiesImageContent: true), target: target)
            )
        }
        return mounts
    }

    private init(
        of mount: VolumeMount,
        in project: Project,
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
        }
        self.init(source: source, target: cleaned(mount.target), readOnly: mount.readOnly)
        propagation = try Self.propagation(mount.propagation, for: subject)
        guard target.hasPrefix("/"), target != "/" else {
            throw ReconcilerError(
                subject,
                "cannot mount at \"\(mount.target)\"",
                remedy: "the target of a mount is an absolute path below /"
            )
        }
    }

    /// mount_namespaces(7); Docker mounts recursively by default and so do we, so that `rslave` and
    /// `slave` are one.
    private static func propagation(
        _ text: String?,
        for subject: String
    ) throws(ReconcilerError) -> Propagation {
        switch text {
        case nil, "private", "rprivate": .private
        case "slave", "rslave": .slave
        case "shared", "rshared": .shared
        case let other?:
            throw ReconcilerError(
                subject,
                "unknown propagation \"\(other)\"",
                remedy: "one of [r]private, [r]slave, [r]shared"
            )
        }
    }

    /// `path[:size=…,mode=…,ro]`.
    private static func tmpfs(
        _ entry: String,
        for subject: String
    ) throws(ReconcilerError) -> MountSpec {
        let parts = entry.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var size: Int64?
        var mode: UInt32?
        var readOnly = false
        for option in parts.count > 1 ? parts[1].split(separator: ",") : [] {
            let pair = option.split(separator: "=", maxSplits: 1)
            let value = pair.count > 1 ? String(pair[1]) : ""
            switch String(pair[0]) {
            case "size":
                size = bytes(value)
                if size == nil {
                    throw ReconcilerError(subject, "tmpfs \(entry): not a size: \"\(value)\"")
                }
            case "mode":
                mode = UInt32(value, radix: 8)
                if mode == nil {
                    throw ReconcilerError(
                        subject,
                        "tmpfs \(entry): not an octal mode: \"\(value)\""
                    )
                }
            case "ro": readOnly = true
            case "rw": readOnly = false
            // What every tmpfs of ours has anyway.
            case "nosuid", "nodev", "noexec": break
            default:
                throw ReconcilerError(
                    subject,
                    "tmpfs \(entry): option \"\(option)\" is not supported yet",
                    remedy: "size=, mode=, ro and rw are"
                )
            }
        }
        let target = cleaned(String(parts[0]))
        guard target.hasPrefix("/"), target != "/" else {
            throw ReconcilerError(
                subject,
                "cannot mount a tmpfs at \"\(parts[0])\"",
                remedy: "the target of a mount is an absolute path below /"
            )
        }
        return MountSpec(
            source: .tmpfs(sizeBytes: size, mode: mode),
            target: target,
            readOnly: readOnly
        )
    }

    /// `64m`, `1g`, `4096`.
    private static func bytes(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30]
        var digits = text.lowercased()
        var factor: Int64 = 1
        if let unit = digits.last.flatMap({ units[$0] }) {
            factor = unit
            digits.removeLast()
        }
        guard let number = Int64(digits), number >= 0 else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
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
