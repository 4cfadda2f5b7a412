import ContainerRuntime
import Linux
import OCI
import SystemPackage

extension StageBuild {
    /// Carries out a RUN. True when the cache had its layer.
    mutating func run(
        _ command: StepCommand,
        _ options: RunOptions,
        from sources: [BuildPlan.Source?],
        _ step: BuildStep
    ) async throws -> Bool {
        let words = state.words(of: command)
        let config = state.configuration.config
        var environment = config.environment
        for (name, value) in state.scope.visibleArguments {
            Environment.set(name, value, in: &environment)
        }
        let text = HistoryText.run(
            command.scriptPath.map { self.state.shell + [$0] } ?? words,
            arguments: state.scope.declaredArguments
        )
        let mounts = try resolve(options, from: sources)
        let network = try network(of: options)

        facts.note("its command", words)
        facts.note(variables: environment)
        facts.note("the user", config.user)
        facts.note("the working directory", state.workingDirectory)
        facts.note("its network", network.rawValue)
        let contents = try await contents(of: mounts)
        let (state, request) = (state, session.request)
        let key = { (contents: [String]) in
            var key = KeyDigest("run 1")
            key.add(state.chain)
            key.add("\(state.configuration.platform)")
            key.add(command.scriptPath.map { ["script", $0] } ?? [])
            key.add(words)
            key.add(environment)
            key.add(config.user)
            key.add(state.workingDirectory)
            request.add(to: &key, network, isInsecure: options.isInsecure)
            for mount in mounts { mount.add(to: &key) }
            if !mounts.isEmpty { key.add(contents) }
            return key.finish()
        }
        let quick = contents.quick.map(key)
        if let quick, let record = try await cached(quick) { return accept(record, text) }
        // Without mounts of files there is nothing more to know.
        let hasFiles = contents.quick?.isEmpty != true
        let shown = hasFiles ? try await contents.full() : []
        for (mount, content) in zip(mounts.filter { $0.mount.kind == .bind }, shown) {
            facts.note("what is mounted from \(mount.path)", content)
        }
        let full = hasFiles ? key(shown) : quick ?? key([])
        if full != quick, let record = try await cached(full) {
            if let quick { try session.cache.store(record, for: quick) }
            return accept(record, text)
        }
        let (claim, other) = try await claim(full)
        defer { withExtendedLifetime(claim) {} }
        if let other { return accept(other, text) }
        // Proxies are how the build reaches the world; what it makes does not depend on them.
        for (name, value) in state.scope.undeclaredProxies {
            Environment.set(name, value, in: &environment)
        }
        var process = ProcessSpec(arguments: words)
        process.environment = environment
        process.user = config.user
        process.workingDirectory = state.workingDirectory
        process.resourceLimits = request.resourceLimits
        let run = RunStep(
            session: session,
            step: step,
            process: process,
            command: command,
            stack: state.stack,
            network: network,
            isInsecure: options.isInsecure,
            shell: Array(state.shell.prefix(1))
        )
        let (folder, upper) = try await run.run { folder in
            try await RunMounts(mounts, of: self, in: folder)
        }
        let keys = Set([quick, full].compactMap { $0 })
        let record = try await adopt(upper, keys: Array(keys))
        try await blocking { () throws(SyscallError) in try removeTree(folder) }
        self.state.record(text, layer: record)
        return false
    }

    private mutating func accept(_ record: BuildCache.Record, _ text: String) -> Bool {
        state.record(text, layer: record)
        return true
    }

    /// The mounts of a RUN with everything expanded.
    func resolve(
        _ options: RunOptions,
        from sources: [BuildPlan.Source?]
    ) throws -> [ResolvedMount] {
        var agents = 0
        return try options.mounts.enumerated().map { index, mount in
            defer { if mount.kind == .ssh { agents += 1 } }
            let source = index < sources.count ? sources[index] : nil
            return try ResolvedMount(mount, from: source, number: agents, in: state)
        }
    }

    /// Where the step's packets may go; what the user has not allowed is refused.
    func network(of options: RunOptions) throws -> RunOptions.Network {
        let request = session.request
        if options.isInsecure, !request.entitlements.contains(.insecure) {
            throw InstructionError(
                "RUN --security=insecure needs the entitlement security.insecure; allow it with "
                    + "--allow security.insecure or in the service's build.entitlements"
            )
        }
        guard options.network == .host else {
            return options.network == .default ? request.networkMode : options.network
        }
        guard request.networkMode == .host || request.entitlements.contains(.hostNetwork) else {
            throw InstructionError(
                "RUN --network=host needs the entitlement network.host; allow it with "
                    + "--allow network.host or in the service's build.entitlements"
            )
        }
        return .host
    }
}

extension BuildRequest {
    /// Adds what a RUN may notice of the request. What is not asked for leaves the key alone.
    fileprivate func add(
        to key: inout KeyDigest,
        _ network: RunOptions.Network,
        isInsecure: Bool
    ) {
        if network != .default { key.add("network \(network.rawValue)") }
        if isInsecure { key.add("insecure") }
        for host in extraHosts { key.add("host \(host.name) \(host.address)") }
        if let shmSizeBytes { key.add("shm \(shmSizeBytes)") }
        for limit in resourceLimits { key.add("limit \(limit.name) \(limit.soft) \(limit.hard)") }
    }
}

extension StepCommand {
    /// The text brings its own interpreter.
    var isScript: Bool { scriptPath != nil }

    /// Where a text that brings its own interpreter is for the step, by BuildKit's rule; nil for others.
    var scriptPath: String? {
        guard case .script(let text, let name) = self, text.hasPrefix("#!") else { return nil }
        return "/dev/pipes/\(name)"
    }
}
