import CLinux
import Glibc
import Linux
import SystemPackage

/// Decides everything a keeper needs to start a process in a running container, and starts the
/// keeper.
struct Entry: Sendable {
    var runtime: ContainerRuntime
    var process: ProcessSpec
    /// nil: the process may what the container may.
    var privilege: SecuritySpec.Privilege?
    var container: RunningContainer
    var spec: ContainerSpec
    var stdio: ExecStdio

    func launch() throws -> LaunchedProcess {
        guard let target = container.initProcess, target.isAlive else { throw notRunning }
        do {
            return try launch(target)
        } catch let error as SyscallError where error.errno == ENOENT || error.errno == ESRCH {
            // A process that is ending loses its root before its end can be seen.
            throw notRunning
        } catch {
            // Whatever could not be found: without its init the container was gone.
            guard target.isAlive else { throw notRunning }
            throw error
        }
    }

    private func launch(_ target: ProcessFD) throws -> LaunchedProcess {
        let root = Root(
            SharedFD(try openFile(FilePath("/proc/\(target.pid)/root"), O_PATH | O_DIRECTORY)),
            name: container.name
        )
        let cgroup = try RuntimeError.naming(container.name) { () throws(RuntimeError) in
            try ProcessCgroup.create(in: container.id, runtime.cgroups)
        }
        // The number was the init's while its root was opened by it.
        guard target.isAlive else { throw notRunning }
        do {
            return try start(target, root: root, cgroup: cgroup)
        } catch {
            // `try?`: the first cause is what the user must hear; the container's end removes it.
            try? cgroup.remove()
            throw error
        }
    }

    private var notRunning: RuntimeError { container.notRunning }

    private func start(
        _ target: ProcessFD,
        root: Root,
        cgroup: ProcessCgroup
    ) throws -> LaunchedProcess {
        let identity = try identity(beneath: root)
        let users = try RunningUsers.of(target.pid)
        if users != nil { try IdentifierRange.check(identity, container: container.name) }
        let sandbox = try ProcessSandbox(
            spec.security,
            privilege: privilege,
            container: container.name,
            root: runtime.root
        )
        let plan = try ProcessPlan(
            process,
            // `try?`: without that file, which somebody removed, it has the name that it mostly is.
            hostname: spec.hostname ?? (try? container.hostname()) ?? container.id.short,
            home: identity.home,
            hasTerminal: stdio.terminal != nil,
            container: container.name
        )
        var builder = SpecBuilder()
        builder.fields.mode = KeeperMode.exec.rawValue
        builder.set(plan, identity, sandbox)
        builder.fields.oom_score = spec.resources.oomScoreAdjustment ?? 0
        if stdio.outlivesCaller { builder.fields.flags |= UInt32(KEEPER_OUTLIVES_STARTER) }
        if let terminal = stdio.terminal {
            builder.set(.terminal(input: .open), size: terminal.size)
        }
        // Also those that it shares: the kernel takes a namespace that one is in already.
        builder.fields.namespaces = NamespacePlan.all
        var descriptors = try handOver(target, cgroup, users, &builder)
        let client = try terminalClient(&descriptors, &builder)
        guard !builder.holdsNUL else {
            throw RuntimeError(
                container: container.name,
                message: "an argument or variable contains NUL"
            )
        }
        var words = StageWords(container: container.name)
        words.set(plan, user: process.user)
        words.appArmor = sandbox.appArmor ?? ""
        let keeper = try KeeperProcess.spawn(
            runtime.keeper,
            name: "\(container.name) exec",
            spec: builder.finish(),
            descriptors: descriptors
        )
        return LaunchedProcess(
            keeper: keeper,
            words: words,
            client: client,
            warnings: sandbox.warnings
        )
    }

    private func identity(beneath root: Root) throws -> UserIdentity {
        try RuntimeError.naming(container.name) { () throws(RuntimeError) in
            try UserIdentity(
                process.user,
                additionalGroups: process.supplementaryGroups,
                beneath: root
            )
        }
    }

    /// The keeper's end of the connection to a terminal goes with the descriptors; ours is given.
    private func terminalClient(
        _ descriptors: inout [CInt: SharedFD],
        _ builder: inout SpecBuilder
    ) throws -> SharedFD? {
        builder.fields.client_fd = -1
        guard stdio.terminal != nil else { return nil }
        var pair = try Pipe.socketPair(nonBlocking: true)
        let number = (descriptors.keys.max() ?? 0) + 1
        descriptors[number] = SharedFD(pair.takeReader())
        builder.fields.client_fd = number
        return SharedFD(pair.takeWriter())
    }

    private func handOver(
        _ target: ProcessFD,
        _ cgroup: ProcessCgroup,
        _ users: RunningUsers?,
        _ builder: inout SpecBuilder
    ) throws -> [CInt: SharedFD] {
        var descriptors: [CInt: SharedFD] = [:]
        descriptors[0] = stdio.input
        descriptors[1] = stdio.output
        descriptors[2] = stdio.error
        var next = KeeperFD.firstFree.rawValue
        let add = { (fd: SharedFD?) -> CInt in
            guard let fd else { return -1 }
            defer { next += 1 }
            descriptors[next] = fd
            return next
        }
        if let users {
            builder.fields.user_namespace = add(users.namespace)
            builder.fields.first_user = users.firstUser
            builder.fields.first_group = users.firstGroup
        }
        builder.fields.init_fd = add(try target.share())
        builder.fields.cgroup_fd = add(cgroup.directory)
        builder.fields.cgroup_kill_fd = add(cgroup.kill)
        builder.fields.oom_fd = -1
        builder.fields.cgroup_joins = builder.list(cgroup.joins.map(add))
        builder.fields.cgroup_paths = builder.texts(cgroup.paths.map(\.string))
        return descriptors
    }
}

/// An exec keeper that was started, and what is needed to understand it.
struct LaunchedProcess: Sendable {
    var keeper: KeeperProcess
    var words: StageWords
    /// The connection to its terminal, where it has one.
    var client: SharedFD?
    var warnings: [String]
}
