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

    /// Makes the groups for one process in a container.
    ///
    /// - Throws: `RuntimeError` without a container's name.
    static func create(
        in id: ContainerID,
        _ cgroups: Cgroups
    ) throws(RuntimeError) -> ProcessCgroup {
        guard let container = try cgroups.find(id) else {
            throw RuntimeError(container: "", message: "its cgroup is gone")
        }
        guard container.directory != nil, let folder = container.folders.first else {
            return ProcessCgroup(joins: container.joins, paths: [])
        }
        let name = "exec-\(String(UInt64.random(in: .min ... .max), radix: 36))"
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

    /// Removes what `create` made, when nothing was started in it.
    func remove() throws(SyscallError) {
        for path in paths {
            _ = try syscall("rmdir", on: path.string) { rmdir(path.string) }
        }
    }
}
