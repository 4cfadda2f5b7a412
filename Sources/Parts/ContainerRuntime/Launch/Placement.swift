package import OCI
package import SystemPackage

/// Where on this machine one run of a container happens: everything that a `ContainerSpec`
/// leaves out because it differs from run to run.
package struct Placement: Sendable {
    package var id: ContainerID
    /// The container's name (`shop-web-1`), for error messages.
    package var name: String
    /// `<root>/containers/<id>`, made when missing. See `ContainerFolder` for what lies inside.
    package var directory: FilePath
    /// Unpacked layers of the image, topmost first; empty for an image without any.
    package var layers: [FilePath]
    /// The `_data` directory of each volume named in the spec's mounts.
    package var volumes: [String: FilePath] = [:]
    /// Those of them that are no folder of ours: nothing of ours may be beside what is in them.
    package var foreignVolumes: Set<String> = []
    /// The unpacked layers of each image named in the spec's mounts, topmost first.
    package var mountedImages: [Digest: [FilePath]] = [:]
    /// The files of the container's own that are configs and secrets, by their targets.
    package var writtenFiles: [String: FilePath] = [:]
    /// The containers whose namespaces this one shares, by the names that the spec has for them.
    package var companions: [String: RunningContainer] = [:]
    /// Content of `/etc/hosts`.
    package var hosts: String
    /// Content of `/etc/resolv.conf`.
    package var resolvConf: String
    /// Groups the cgroups of one project; the project's name.
    package var cgroupParent: String
    /// What the keeper does when the process that started it is gone.
    package var onSupervisorExit: OnSupervisorExit = .kill
    /// The file system need not survive a crash of the machine (`RUN`, `--rm`): faster.
    package var isEphemeral = false
    /// Of a terminal at first, where somebody looks at it from the start.
    package var terminalSize: TerminalSize?

    /// What a keeper does when the process that started it is gone.
    package enum OnSupervisorExit: Sendable {
        /// The container ends with its starter: build steps.
        case kill
        /// The container stays and nobody is called.
        case stay
        /// The container stays and the keeper starts a new supervisor, unless one lives.
        case restart(SupervisorRestart)
    }

    /// How a keeper brings back the supervisor of its container.
    package struct SupervisorRestart: Sendable {
        /// Program (an absolute path) and arguments.
        package var command: [String]
        /// `NAME=value`, the whole environment.
        package var environment: [String]
        /// The supervisor's lock file. A supervisor that holds it has written
        /// `SupervisorMark.text` into it, so that keepers can watch the living one.
        package var lockFile: FilePath

        package init(command: [String], environment: [String], lockFile: FilePath) {
            self.command = command
            self.environment = environment
            self.lockFile = lockFile
        }
    }

    package init(
        id: ContainerID,
        name: String,
        directory: FilePath,
        layers: [FilePath],
        hosts: String = "",
        resolvConf: String = "",
        cgroupParent: String
    ) {
        self.id = id
        self.name = name
        self.directory = directory
        self.layers = layers
        self.hosts = hosts
        self.resolvConf = resolvConf
        self.cgroupParent = cgroupParent
    }

    /// A container whose namespaces are shared.
    func companion(_ name: String) throws(RuntimeError) -> RunningContainer {
        guard let companion = companions[name] else {
            throw RuntimeError(
                container: self.name,
                message: "container \(name), whose namespaces it shares, does not run",
                hint: "start it first"
            )
        }
        return companion
    }
}
