import CLinux
import Glibc
import Linux
import OCI
import SystemPackage

extension MountPlan.Entry {
    /// What a bind takes away from what is mounted.
    mutating func apply(bindOption word: String) {
        switch word {
        case "nosuid": attributes |= MountPlan.Attribute.noSUID
        case "nodev": attributes |= MountPlan.Attribute.noDevices
        case "noexec": attributes |= MountPlan.Attribute.noExec
        default: break
        }
    }

    /// A flag is the mount's; what has a value the file system reads, of two the last.
    mutating func apply(tmpfsOption word: String) {
        switch word {
        case "exec": attributes &= ~MountPlan.Attribute.noExec
        case "suid": attributes &= ~MountPlan.Attribute.noSUID
        case "dev": attributes &= ~MountPlan.Attribute.noDevices
        case "noatime": attributes |= MountPlan.Attribute.noAccessTime
        case "nodiratime": attributes |= MountPlan.Attribute.noDirectoryAccessTime
        case "strictatime": attributes |= MountPlan.Attribute.strictAccessTime
        default:
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            options.append((parts[0], parts.count > 1 ? parts[1] : nil))
        }
    }
}

/// Mounts that are opened before the keeper is there: what it mounts by path it mounts whole.
extension MountPlan {
    /// A folder beneath a volume. The path is the user's, and what is in the volume a container's: links
    /// in it lead nowhere else.
    static func open(
        _ subpath: String,
        of volume: String,
        at folder: FilePath,
        _ placement: Placement
    ) throws -> SharedFD {
        do throws(SyscallError) {
            let place = try Root(folder).open(FilePath(subpath), O_PATH, crossingMounts: false)
            return SharedFD(try Mount.clone(place, subject: "\(folder)/\(subpath)"))
        } catch {
            throw RuntimeError(
                container: placement.name,
                message: "cannot mount \(subpath) of volume \(volume): \(error.reason)",
                hint: error.errno == ENOENT ? "it must be there before: make it in the volume" : nil
            )
        }
    }

    /// An image's file system, or a part of it. Links in it lead nowhere else.
    static func open(
        _ image: Digest,
        _ name: String,
        _ subpath: String?,
        _ placement: Placement
    ) throws -> SharedFD {
        guard let layers = placement.mountedImages[image] else {
            throw RuntimeError(
                container: placement.name,
                message: "there is no image \(name) to mount"
            )
        }
        do throws(SyscallError) {
            let part = FilePath(subpath ?? "")
            return SharedFD(try PrivateMount.tree(layers, part: part, source: "image"))
        } catch {
            let whole = "image \(name)"
            throw RuntimeError(
                container: placement.name,
                message:
                    "cannot mount \(subpath.map { "\($0) of \(whole)" } ?? whole): \(error.reason)",
                hint: error.errno == ENOENT ? "the image has nothing there" : nil
            )
        }
    }

    /// A bind that is not recursive, or whose parts are not all alike.
    static func open(
        _ entry: inout Entry,
        _ recursion: MountSpec.Recursion,
        _ mount: MountSpec,
        _ placement: Placement
    ) throws {
        do throws(SyscallError) {
            let tree = try Mount.clone(
                FilePath(entry.source),
                recursive: recursion == .writable
            )
            if mount.readOnly, recursion == .writable {
                try Mount.setAttributes(tree, set: Attribute.readOnly, recursive: false)
            }
            entry.kind = .given
            entry.given = SharedFD(tree)
        } catch {
            throw RuntimeError(
                container: placement.name,
                message: "cannot mount \(entry.source): \(error.reason)"
            )
        }
    }

    /// Shows the files of a mount with other identifiers.
    static func map(_ entry: inout Entry, by namespace: SharedFD) throws(SyscallError) {
        let tree =
            if let given = entry.given {
                given
            } else {
                SharedFD(try Mount.clone(FilePath(entry.source)))
            }
        try Mount.mapIdentifiers(of: tree, by: namespace)
        entry.kind = .given
        entry.given = tree
    }

    /// The same of a bind for which it was asked.
    static func map(
        _ entry: inout Entry,
        by namespace: SharedFD,
        _ placement: Placement
    ) throws {
        do throws(SyscallError) {
            try map(&entry, by: namespace)
        } catch {
            throw RuntimeError(
                container: placement.name,
                message: "cannot show \(entry.source) with another owner: \(error.reason)",
                hint: error.errno == EINVAL
                    ? "its file system, or one beneath it, does not know how; leave `idmap` out"
                    : nil
            )
        }
    }
}
