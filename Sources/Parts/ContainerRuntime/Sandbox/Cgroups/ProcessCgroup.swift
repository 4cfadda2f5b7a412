import CLinux
import Glibc
import Linux
import SystemPackage

/// The cgroups of a process that is executed in a running container: with version 2 a group of
/// its own below the container's, so that it can be killed with all it has started, and in every
/// hierarchy of version 1 the container's own.
struct ProcessCgroup: Sendable {
    /// Its folder of version 2, for CLONE_INTO_CGROUP.
    var directory: SharedFD?
    /// `cgroup.kill` of that, open for writing.
    var kill: SharedFD?
    /// As `ContainerCgroup.joins`.
    var joins: [SharedFD]
    /// Folders to remove when the process has ended.
    var paths: [FilePath]

    /// Makes the groups for one process in a container. `now` is seconds since 1970.
    ///
    /// - Throws: `RuntimeError` without a container's name.
    static func create(
        in id: ContainerID,
        _ cgroups: Cgroups,
        now: time_t = time(nil)
    ) throws(RuntimeError) -> ProcessCgroup {
        guard let container = try cgroups.find(id) else {
            throw RuntimeError(container: "", message: "its cgroup is gone")
        }
        guard container.directory != nil, let folder = container.folders.first else {
            return ProcessCgroup(joins: container.joins, paths: [])
        }
        removeLeftOver(in: folder, now)
        let name = prefix + String(UInt64.random(in: .min ... .max), radix: 36)
        let path = folder.appending(name)
        do throws(SyscallError) {
            _ = try syscall("mkdir", on: path.string) { mkdir(path.string, 0o755) }
            let directory = try CgroupFolder.open(path)
            let kill = try ContainerCgroup.openIfThere(path.appending("cgroup.kill"), O_WRONLY)
            return ProcessCgroup(
                directory: directory,
                kill: kill,
                joins: container.joins,
                paths: [path]
            )
        } catch {
            rmdir(path.string)
            throw RuntimeError(container: "", message: "cannot make a cgroup: \(error)")
        }
    }

    private static let prefix = "exec-"
    /// Between its making and its first process no group is as old as this, in seconds.
    private static let longestStart = 60

    /// Removes the empty groups of processes that left others behind when they ended, which have
    /// ended since: their keepers could not.
    private static func removeLeftOver(in folder: FilePath, _ now: time_t) {
        // `try?`: what cannot be looked at is left to the container's end.
        guard let names = try? folderEntries(folder) else { return }
        for name in names where name.hasPrefix(prefix) {
            let path = folder.appending(name)
            var status = stat()
            guard stat(path.string, &status) == 0, now - status.st_ctim.tv_sec > longestStart else {
                continue
            }
            // Refused while somebody is in it.
            rmdir(path.string)
        }
    }

    /// Removes what `create` made, when nothing was started in it.
    func remove() throws(SyscallError) {
        for path in paths {
            _ = try syscall("rmdir", on: path.string) { rmdir(path.string) }
        }
    }
}
