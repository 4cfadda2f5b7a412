import Engine
import Glibc
import Linux
import SystemPackage

/// Whether the file system of the state folder can hold what containers need.
extension MachineCheck {
    /// What is known of a file system: proc(5) mountinfo, statvfs(3).
    struct Storage {
        /// As mount(8) calls it: `ext4`.
        var type: String
        var isReadOnly = false
        var runsNoPrograms = false
        var hasNoDevices = false
        var hasNoSetUserID = false
        /// nil where the file system has no number of its own.
        var freeInodes: UInt64?
    }

    static func storage(_ storage: Storage, at path: String) -> [Finding] {
        var findings: [Finding] = []
        func found(_ verdict: Finding.Verdict, _ state: String, _ remedy: String) {
            findings.append(
                Finding(verdict: verdict, what: "storage", state: state, remedy: remedy)
            )
        }
        let elsewhere = "set BERTH_ROOT to a folder on a local disk"
        switch storage.type.hasPrefix("fuse") ? "fuse" : storage.type {
        case "overlay":
            found(.missing, "\(path) is on an overlay, which no overlay can write to", elsewhere)
        case "nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse":
            found(
                .missing,
                "\(path) is on \(storage.type), a file system that no overlay can write to",
                elsewhere
            )
        case "tmpfs", "ramfs":
            found(.degraded, "\(path) is in memory: it is gone with the machine", elsewhere)
        default: break
        }
        if storage.isReadOnly {
            found(.missing, "\(path) is mounted read-only", "mount it for writing, or \(elsewhere)")
        }
        if storage.runsNoPrograms {
            found(.missing, "\(path) is mounted noexec: no program would start", elsewhere)
        }
        if storage.hasNoSetUserID {
            found(
                .degraded,
                "\(path) is mounted nosuid: programs like sudo do not work",
                elsewhere
            )
        }
        if storage.hasNoDevices {
            found(.degraded, "\(path) is mounted nodev: an image's devices do not work", elsewhere)
        }
        if let inodes = storage.freeInodes, inodes < 100_000 {
            found(
                .degraded,
                "\(inodes) more files fit on the file system of \(path)",
                "`berth system prune` removes what nobody uses"
            )
        }
        if findings.isEmpty {
            findings.append(
                Finding(verdict: .good, what: "storage", state: "overlays can be written to")
            )
        }
        return findings
    }

    /// The owner and the mode of a folder of ours: who else may read it reads secrets.
    static func permissions(owner: UInt32, mode: UInt32, at path: String) -> Finding {
        guard owner == 0, mode & 0o077 == 0 else {
            let digits = String(mode & 0o7777, radix: 8)
            return Finding(
                verdict: .degraded,
                what: "permissions",
                state: "\(path) belongs to uid \(owner) and has mode \(digits)",
                remedy:
                    "`chown root \(path)` and `chmod 700 \(path)`: others could read what is in it"
            )
        }
        return Finding(verdict: .good, what: "permissions", state: "\(path) is root's alone")
    }

    /// The mount that a path without links is on: the deepest, and of several the last.
    static func mount(of path: String, in mounts: [MountInfo]) -> MountInfo? {
        var deepest: MountInfo?
        for mount in mounts {
            let point = mount.mountPoint
            guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
            if point.utf8.count >= deepest?.mountPoint.utf8.count ?? 0 { deepest = mount }
        }
        return deepest
    }

    static func storage() -> [Finding] {
        let root = Layout.ofMachine().root
        var folder = root
        var status = stat()
        while stat(folder.string, &status) != 0, folder.removeLastComponent() {}
        var space = statvfs()
        // `try?`: where nobody says what is mounted nothing is said of it.
        guard statvfs(folder.string, &space) == 0, let path = Machine.resolved(folder.string),
            let mounts = try? MountInfo.current(), let mount = Self.mount(of: path, in: mounts)
        else { return [] }
        var storage = Storage(type: mount.fileSystemType)
        storage.isReadOnly = space.f_flag & UInt(ST_RDONLY) != 0
        storage.hasNoSetUserID = mount.options.contains("nosuid")
        storage.hasNoDevices = mount.options.contains("nodev")
        storage.runsNoPrograms = mount.options.contains("noexec")
        storage.freeInodes = space.f_files == 0 ? nil : UInt64(space.f_favail)
        var findings = Self.storage(storage, at: folder.string)
        if folder == root {
            findings.append(
                permissions(owner: status.st_uid, mode: UInt32(status.st_mode), at: root.string)
            )
        }
        return findings
    }
}
