import CLinux
import Linux
import SystemPackage

/// What is mounted in a container that has users of its own.
extension MountPlan {
    /// What is the container's or berth's own shows its owners as the container knows them. What is the
    /// host's is not touched, a volume that names a device or a folder of the host included: its root is
    /// nobody there.
    mutating func showOwners(
        of spec: ContainerSpec,
        _ folder: ContainerFolder,
        _ placement: Placement,
        to users: OwnUsers
    ) throws {
        let written = Set(placement.writtenFiles.keys)
        let own = spec.mounts.filter { mount in
            if case .volume(let name, _) = mount.source {
                return !placement.foreignVolumes.contains(name)
            }
            return written.contains(mount.target)
        }
        let targets = Set(own.map(\.target))
        let files = Set([folder.hosts, folder.hostname, folder.resolvConf].map(\.string))
        for index in entries.indices {
            if entries[index].kind == .fileSystem {
                try shiftOwner(of: &entries[index], placement, by: users.range.shift)
            }
            guard targets.contains(entries[index].target) || files.contains(entries[index].source)
            else { continue }
            do throws(SyscallError) {
                try Self.map(&entries[index], by: users.namespaces.users)
            } catch {
                throw RuntimeError(
                    container: placement.name,
                    message:
                        "cannot show \(entries[index].source) to users of its own: \(error.reason)"
                )
            }
        }
    }

    /// The owner that is written for a memory file system is meant as the container knows it; the
    /// file system reads the host's number.
    private func shiftOwner(
        of entry: inout Entry,
        _ placement: Placement,
        by shift: IdentifierShift
    ) throws {
        guard entry.source == "tmpfs" else { return }
        for index in entry.options.indices {
            let (key, text) = entry.options[index]
            guard ["uid", "gid"].contains(key), let number = text.flatMap({ UInt32($0) }) else {
                continue
            }
            guard number < IdentifierShift.count else {
                throw RuntimeError(
                    container: placement.name,
                    message: "cannot mount \(entry.target): with users of its own it has no "
                        + "\(key) \(number), only those below \(IdentifierShift.count)"
                )
            }
            let first = key == "uid" ? shift.user : shift.group
            entry.options[index].1 = "\(first + number)"
        }
    }
}
