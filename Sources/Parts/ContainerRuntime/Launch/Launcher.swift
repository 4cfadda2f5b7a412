import CLinux
import Glibc
import Linux
import SystemPackage

/// Decides everything a keeper needs for one run of a container, and starts the keeper.
struct Launcher {
    var runtime: ContainerRuntime
    var spec: ContainerSpec
    var placement: Placement
    var output: ContainerOutput
    var sharedMemory: SharedMemory

    private var folder: ContainerFolder { ContainerFolder(placement.directory) }
    private var namespaces: NamespacePlan { NamespacePlan(spec) }

    /// The file system, identity and sandbox first: nothing is made in the kernel when one of
    /// them is wrong.
    func launch() throws -> LaunchedContainer {
        try namespaces.checkSysctls(container: placement.name)
        try namespaces.checkUsers(container: placement.name)
        let initLayer = try InitLayer.ensure(in: runtime.root)
        let hostname = try hostname()
        try folder.prepare(
            like: placement.layers.first,
            hosts: placement.hosts,
            resolvConf: placement.resolvConf,
            hostname: hostname
        )
        let layers = [initLayer] + placement.layers
        let (identity, imageFolders) = try prepareFiles(layers: layers)
        let sandbox = try ProcessSandbox(
            spec.security,
            container: placement.name,
            root: runtime.root
        )
        let process = try ProcessPlan(
            spec.process,
            hostname: hostname,
            home: identity.home,
            hasTerminal: spec.streams?.isTerminal == true,
            container: placement.name
        )

        let (cgroup, devices) = try RuntimeError.naming(placement.name) { () throws(RuntimeError) in
            try spec.resources.checkProcessors()
            let devices = try DevicePlan(spec.devices, privilege: spec.security.privilege)
            let cgroup = try runtime.cgroups.create(
                placement.id,
                parent: placement.cgroupParent,
                limits: spec.resources,
                devices: devices.rules
            )
            return (cgroup, devices)
        }
        do {
            let users = try ownUsers(for: identity)
            let mounts = try MountPlan(
                spec,
                placement: placement,
                folder: try networkCompanion()?.folder ?? folder,
                cgroups: namespaces.sharesHosts(.cgroup) ? cgroup.hostBinds : cgroup.binds,
                sharedMemory: sharedMemory,
                imageFolders: imageFolders,
                identifiers: try identifiers(of: identity),
                users: users
            )
            return try start(
                process,
                identity,
                sandbox,
                mounts,
                devices,
                cgroup,
                users,
                layers: layers,
                hostname: hostname
            )
        } catch {
            // `try?`: the first cause is what the user must hear; recovery finds the rest.
            try? cgroup.remove()
            throw error
        }
    }

    /// The container whose network it has, and with that its names: the files in `/etc` are that
    /// one's, too.
    private func networkCompanion() throws(RuntimeError) -> RunningContainer? {
        try namespaces.companion(.network).map { name throws(RuntimeError) in
            try placement.companion(name)
        }
    }

    private func hostname() throws -> String {
        if let name = spec.hostname { return name }
        for kind in [NamespacePlan.Kind.uts, .network] {
            guard let other = namespaces.companion(kind) else { continue }
            return try placement.companion(other).hostname()
        }
        guard namespaces.sharesHosts(.network) || namespaces.sharesHosts(.uts) else {
            return placement.id.short
        }
        let bytes = try readFile("/proc/sys/kernel/hostname", limit: 1024)
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    /// Looks at the file system before it runs: who the user is, and what new volumes and memory file
    /// systems take of it.
    private func prepareFiles(
        layers: [FilePath]
    ) throws -> (UserIdentity, [String: ImageFolder]) {
        guard let view = try LayerView.open([folder.upper] + layers) else {
            throw RuntimeError(container: placement.name, message: "the image has no layers")
        }
        var imageFolders: [String: ImageFolder] = [:]
        for mount in spec.mounts {
            switch mount.source {
            case .tmpfs: imageFolders[mount.target] = try ImageFolder(mount.target, of: view)
            case .volume(let name, let copies):
                guard let volume = placement.volumes[name] else { continue }
                let content = VolumeContent(volume: volume)
                let isOurs = !placement.foreignVolumes.contains(name)
                if copies, isOurs, mount.subpath == nil {
                    try content.copy(from: mount.target, of: view)
                    continue
                }
                if isOurs { try content.settle() }
                guard copies else { continue }
                try content.copyDirectly(from: mount.target, of: view, beneath: mount.subpath)
            case .bind(let path, create: true): try ensureSource(FilePath(path))
            case .anonymousVolume, .bind, .given, .image: break
            }
        }
        let identity = try RuntimeError.naming(placement.name) { () throws(RuntimeError) in
            try UserIdentity(
                spec.process.user,
                additionalGroups: spec.process.supplementaryGroups,
                beneath: view
            )
        }
        releaseElsewhere(view)
        return (identity, imageFolders)
    }

    /// Makes a folder where nothing is; a file, socket or device is mounted as it is. A link that
    /// leads nowhere is an error, as it has to be: whatever is made would not be where it points.
    private func ensureSource(_ path: FilePath) throws {
        if path.withPlatformString({ access($0, F_OK) }) == 0 { return }
        if let target = FilePath.danglingTarget(of: path) {
            throw RuntimeError(
                container: placement.name,
                message: "cannot mount \(path): it is a link to \(target), where nothing is",
                hint: "make \(target), or correct the link"
            )
        }
        do throws(SyscallError) {
            try makeDirectories(path, mode: 0o755)
        } catch {
            throw RuntimeError(
                container: placement.name,
                message: "cannot make the folder \(path) to mount it: \(error.reason)",
                hint: "make it, or correct the path"
            )
        }
    }

    private func start(
        _ process: ProcessPlan,
        _ identity: UserIdentity,
        _ sandbox: ProcessSandbox,
        _ mounts: MountPlan,
        _ devices: DevicePlan,
        _ cgroup: ContainerCgroup,
        _ users: OwnUsers?,
        layers: [FilePath],
        hostname: String
    ) throws -> LaunchedContainer {
        var builder = SpecBuilder()
        var words = StageWords(container: placement.name)
        builder.fields.mode = KeeperMode.container.rawValue
        builder.set(process, identity, sandbox)
        builder.set(devices)
        builder.fields.oom_score = spec.resources.oomScoreAdjustment ?? 0
        let plan = namespaces
        if plan.makes(.uts) {
            builder.fields.hostname = builder.text(hostname)
            builder.fields.domain_name = builder.text(spec.domainName)
        }
        builder.fields.namespaces = plan.made & ~plan.madeOfUsers
        builder.fields.folder = builder.text(folder.path.string)
        builder.fields.layers = builder.texts(layers.map(\.string))
        let sysctls = plan.sysctls
        builder.fields.sysctls = builder.pairs(sysctls.map { ($0.path, $0.value) })
        let asked = spec.security.maskedPaths
        let masked = asked.isEmpty ? [] : asked + ThermalThrottle.paths
        builder.fields.masked_paths = builder.texts(masked)
        let readOnly = mounts.readOnlyPaths + spec.security.readOnlyPaths
        builder.fields.read_only_paths = builder.texts(readOnly)
        try setKeeping(&builder)

        var descriptors = try handOver(cgroup, plan, mounts, users, &builder)
        if case .descriptors(let stdout, let stderr) = output {
            descriptors[1] = stdout
            descriptors[2] = stderr
        }
        words.set(process, user: spec.process.user)
        words.mounts = mounts.entries.map { ($0.source, $0.target) }
        words.layers = layers.map(\.string)
        words.sysctls = sysctls.map(\.name)
        words.joins = plan.joined.map(\.container)
        words.maskedPaths = masked
        words.readOnlyPaths = readOnly
        words.devices = devices.nodes.map(\.target)
        words.appArmor = sandbox.appArmor ?? ""
        guard !builder.holdsNUL else {
            throw RuntimeError(
                container: placement.name,
                message: "a path, argument or variable contains NUL"
            )
        }
        let keeper = try KeeperProcess.spawn(
            runtime.keeper,
            name: placement.name,
            spec: builder.finish(),
            descriptors: descriptors
        )
        return LaunchedContainer(
            id: placement.id,
            name: placement.name,
            folder: folder,
            cgroups: runtime.cgroups,
            keeper: keeper,
            words: words,
            hasOwnNetwork: plan.makes(.network),
            warnings: sandbox.warnings + cgroup.warnings
        )
    }

    private func setKeeping(_ builder: inout SpecBuilder) throws {
        var flags = 0
        if spec.readOnlyRoot { flags |= KEEPER_READ_ONLY_ROOT }
        // Docker: nobody's init where the processes are not the container's own.
        if spec.usesInit && namespaces.makes(.pid) { flags |= KEEPER_OWN_INIT }
        if placement.isEphemeral { flags |= KEEPER_VOLATILE }
        if case .log = output {
            flags |= KEEPER_HAS_STREAMS
            builder.set(spec.streams ?? .pipes(input: .none), size: placement.terminalSize)
        }
        builder.fields.client_fd = -1
        builder.fields.flags |= UInt32(flags)
        builder.fields.log_file_bytes = spec.log.maximumFileBytes ?? .max
        builder.fields.log_files =
            spec.log.driver == LogSpec.Driver.none ? 0 : Int32(clamping: spec.log.maximumFiles)
        builder.fields.boot_id = builder.text(try bootID())
        switch placement.onSupervisorExit {
        case .kill: builder.fields.abandonment = KeeperAbandonment.kill.rawValue
        case .stay: builder.fields.abandonment = KeeperAbandonment.stay.rawValue
        case .restart(let restart):
            builder.fields.abandonment = KeeperAbandonment.revive.rawValue
            builder.fields.revival_arguments = builder.texts(restart.command)
            builder.fields.revival_environment = builder.texts(restart.environment)
            builder.fields.lock_file = builder.text(restart.lockFile.string)
        }
    }

    /// Numbers the descriptors the keeper gets beside its fixed ones.
    private func handOver(
        _ cgroup: ContainerCgroup,
        _ plan: NamespacePlan,
        _ mounts: MountPlan,
        _ users: OwnUsers?,
        _ builder: inout SpecBuilder
    ) throws -> [CInt: SharedFD] {
        var descriptors: [CInt: SharedFD] = [:]
        var next = KeeperFD.firstFree.rawValue
        let add = { (fd: SharedFD?) -> CInt in
            guard let fd else { return -1 }
            defer { next += 1 }
            descriptors[next] = fd
            return next
        }
        builder.fields.cgroup_fd = add(cgroup.directory)
        builder.fields.cgroup_kill_fd = -1
        if let users { builder.set(users, add) }
        builder.set(mounts, add)
        builder.fields.namespace_joins = builder.list(
            try plan.joined.map { container, kinds in
                keeper_join(
                    process: add(try placement.companion(container).process()),
                    kinds: kinds
                )
            }
        )
        builder.fields.oom_fd = add(cgroup.oomEvents)
        builder.fields.init_fd = -1
        builder.fields.cgroup_joins = builder.list(cgroup.joins.map(add))
        // Also what says that they are elsewhere.
        let own = { (path: FilePath) in
            path.lastComponent.flatMap { CgroupPlace.container(of: $0.string) } == placement.id
        }
        let paths = cgroup.paths
        builder.fields.cgroup_paths = builder.texts(paths.filter(own).map(\.string))
        builder.fields.cgroup_parents = builder.texts(paths.filter { !own($0) }.map(\.string))
        descriptors[KeeperFD.folder.rawValue] = SharedFD(
            try openFile(folder.path, O_RDONLY | O_DIRECTORY)
        )
        return descriptors
    }
}
