import Glibc
import Linux
import OCI
package import SystemPackage

/// Every path of ours on disk, in one place. `<root>` survives a reboot, `<run>` does not.
package struct Layout: Hashable, Sendable {
    /// State: `/var/lib/berth` unless `BERTH_ROOT` says otherwise.
    package var root: FilePath
    /// Locks and sockets: `/run/berth` unless `BERTH_RUN` says otherwise.
    package var run: FilePath

    /// Containers that belong to no project are supervised under this name, which no project can have.
    package static let standaloneProject = "_"

    package init(root: FilePath, run: FilePath) {
        self.root = root
        self.run = run
    }

    /// Short name of the state folder, in the names and marks of what it has in the kernel.
    var tag: String { String(Digest.of(root.string.utf8).hex.prefix(8)) }

    package var database: FilePath { root.appending("berth.db") }
    package var containers: FilePath { root.appending("containers") }
    package var volumes: FilePath { root.appending("volumes") }
    package var buildCache: FilePath { root.appending("build") }
    /// Of what images were built.
    var buildInputs: FilePath { buildCache.appending("inputs") }
    /// Of what the image with this name was built.
    func buildInputs(_ reference: String) -> FilePath {
        buildInputs.appending(Digest.of(reference.utf8).hex)
    }
    /// What `image bootstrap` works in: `tree`, and `lock` while it does.
    package var bootstrap: FilePath { root.appending("bootstrap") }
    /// What is being deleted: moved here by one rename, then taken apart.
    package var trash: FilePath { root.appending("trash") }
    package var projects: FilePath { run.appending("projects") }
    /// A folder of locks for each project. Not below `<run>`: whoever wipes that, or mounts over it,
    /// while containers run would let a second supervisor take a lock that the first one holds.
    package var locks: FilePath { root.appending("locks") }
    /// Locks of builds that have a network.
    package var builds: FilePath { run.appending("builds") }

    /// Secrets of containers: in memory, as whatever is below `<run>`.
    var secrets: FilePath { run.appending("secrets") }

    /// Where the secrets of a container are.
    func secrets(of id: String) -> FilePath { secrets.appending(id) }

    /// A container's folder: upper, work, merged, log, exit record, hosts, resolv.conf.
    package func container(_ id: String) -> FilePath { containers.appending(id) }

    /// What a container sees of the volume.
    package func volumeData(_ name: String) -> FilePath {
        volumes.appending(name).appending("_data")
    }

    /// The file whose lock says that the project's one supervisor is alive.
    package func supervisorLock(_ project: String) -> FilePath { lock(project, "supervisor") }
    /// The file whose lock a supervisor holds while it begins or ends.
    package func supervisorTurnstile(_ project: String) -> FilePath { lock(project, "turnstile") }
    /// Where the project's supervisor listens.
    package func supervisorSocket(_ project: String) -> FilePath {
        projectRun(project).appending("supervisor.sock")
    }
    /// What the project's supervisor says of published ports that others have taken.
    package func lostPorts(_ project: String) -> FilePath {
        projectRun(project).appending("lost-ports.json")
    }
    /// Whether somebody listens for the project in this run folder.
    package func isServed(_ project: String) -> Bool {
        do throws(SyscallError) {
            _ = try UnixConnection.connect(to: supervisorSocket(project))
            return true
        } catch {
            // A full backlog is somebody who listens.
            return error.errno == EAGAIN
        }
    }
    /// The file whose lock a command holds that changes the project.
    package func convergenceLock(_ project: String) -> FilePath { lock(project, "converge") }

    /// The file whose lock says that a build lives, by the name of its network.
    func buildLock(_ network: String) -> FilePath { builds.appending("\(network).lock") }

    /// `<run>/projects/<name>`.
    package func projectRun(_ project: String) -> FilePath { projects.appending(project) }

    /// `<root>/locks/<name>`.
    package func projectLocks(_ project: String) -> FilePath { locks.appending(project) }

    private func lock(_ project: String, _ name: FilePath.Component) -> FilePath {
        projectLocks(project).appending(name)
    }
}
