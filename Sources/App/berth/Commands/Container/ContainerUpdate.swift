import ArgumentParser
import Compose
import ContainerRuntime
import Engine
import OrderedCollections
import Reconciler
import Supervisor

extension ContainerGroup {
    /// Gives a container another name.
    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rename",
            abstract: "Give a container another name."
        )

        @Argument(help: "The container.", completion: .containers)
        var container: String

        @Argument(help: ArgumentHelp("Its new name.", valueName: "new_name"))
        var name: String

        func run() async throws {
            do { try await rename() } catch {
                guard var failure = Failure(error), failure.refusedByEngine else { throw error }
                failure.lines.append("Error: failed to rename container named \(container)")
                throw failure
            }
        }

        private func rename() async throws {
            let target = try await NamedContainers.one(container)
            guard name != target.record.name else {
                throw Failure(
                    engine: "Renaming a container with the same name as its current name"
                )
            }
            do { try CreationFlags.check(name) } catch let failure as Failure {
                let reason = failure.description.replacing("(\(name))", with: "(/\(name))")
                throw Failure(engine: "Error when allocating new name: \(reason)")
            }
            try await target.engine.renameContainer(target.record.id, to: name)
            try await target.tellSupervisor()
        }
    }

    /// Changes what containers may use.
    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "update",
            abstract: "Change the limits and the restart policy of containers, running or not."
        )

        @OptionGroup var limits: LimitFlags

        @Option(
            help: ArgumentHelp(
                "When to start it again: no, always, unless-stopped, on-failure[:times].",
                valueName: "policy"
            ),
            completion: .list(["no", "always", "unless-stopped", "on-failure"])
        )
        var restart: String?

        @Argument(help: "The containers.", completion: .containers)
        var containers: [String]

        func run() async throws {
            var written = FlaggedService()
            try limits.write(to: &written)
            if let restart, !restart.isEmpty {
                try RestartWords.check(restart, of: "update")
                written.set("restart", .text(restart), by: "--restart")
            }
            guard !written.origins.isEmpty else {
                throw Failure("you must provide one or more flags when using this command")
            }
            let project = try written.project(Machine.environment())
            guard let service = project.services[FlaggedService.name] else {
                preconditionFailure("the project has this service alone")
            }
            var wanted = ResourceLimits(of: service)
            limits.adapt(&wanted)
            let change = LimitChange(
                limits: wanted,
                given: Set(written.origins.keys),
                restart: service.restart.map { RestartPolicy(of: $0) }
                    ?? (restart == "no" ? .no : nil)
            )
            try await NamedContainers(containers).each { target in
                do { try await target.apply(change) } catch {
                    guard var failure = Failure(error) else { throw error }
                    let preface = "Cannot update container \(target.record.id.text): "
                    failure.lines[0] = preface + failure.lines[0]
                    failure.refusedByEngine = true
                    throw failure
                }
            }
        }
    }
}

/// What `update` changes of a container.
struct LimitChange: Sendable {
    let limits: ResourceLimits
    /// The attributes that the command line says; the others stay.
    let given: Set<String>
    let restart: RestartPolicy?

    /// - Throws: docker's words for what does not go together with what there is.
    func apply(to spec: inout ContainerSpec) throws {
        if let restart {
            guard spec.isRemovedAtEnd != true else {
                throw Failure(
                    engine: "Restart policy cannot be updated because AutoRemove is enabled for "
                        + "the container"
                )
            }
            spec.restart = restart
        }
        try checkMemory(spec.resources)
        func take<Value>(_ attribute: String, _ path: WritableKeyPath<ResourceLimits, Value>) {
            guard given.contains(attribute) else { return }
            spec.resources[keyPath: path] = limits[keyPath: path]
        }
        take("mem_limit", \.memoryBytes)
        take("mem_reservation", \.memoryReservationBytes)
        take("memswap_limit", \.memorySwapBytes)
        take("cpu_shares", \.cpuShares)
        take("cpuset", \.cpuSet)
        take(LimitFlags.memoryNodes, \.memoryNodes)
        take("cpu_period", \.cpuPeriodMicroseconds)
        take("cpu_quota", \.cpuQuotaMicroseconds)
        take("cpu_rt_period", \.cpuRealtimePeriodMicroseconds)
        take("cpu_rt_runtime", \.cpuRealtimeRuntimeMicroseconds)
        take("pids_limit", \.maximumProcesses)
        takeProcessors(&spec.resources)
        if given.contains("blkio_config.weight") {
            var blockIO = spec.resources.blockIO ?? BlockIOLimits()
            blockIO.weight = limits.blockIO?.weight
            spec.resources.blockIO = blockIO
        }
    }

    /// A number of processors and a quota exclude each other.
    private func takeProcessors(_ resources: inout ResourceLimits) {
        if given.contains("cpus") {
            resources.nanoCPUs = limits.nanoCPUs
            resources.cpuPeriodMicroseconds = nil
            resources.cpuQuotaMicroseconds = nil
        } else if given.contains("cpu_quota") || given.contains("cpu_period") {
            resources.nanoCPUs = nil
        }
    }

    private func checkMemory(_ old: ResourceLimits) throws {
        guard let memory = limits.memoryBytes, given.contains("mem_limit"),
            !given.contains("memswap_limit"),
            let both = old.memorySwapBytes ?? old.memoryBytes.map({ $0 * 2 }), both >= 0,
            memory > both
        else { return }
        throw Failure(
            engine: "Memory limit should be smaller than already set memoryswap limit, update the "
                + "memoryswap at the same time"
        )
    }
}

extension NamedContainers.Target {
    /// Changes the record and what runs, or neither.
    func apply(_ change: LimitChange) async throws {
        let former = try record.spec
        try await engine.update(record.id) { try change.apply(to: &$0) }
        do { try await tellSupervisor() } catch {
            try await engine.update(record.id) { spec in
                spec.resources = former.resources
                spec.restart = former.restart
            }
            // `try?`: why it was refused is what the user has to know.
            try? await tellSupervisor()
            throw error
        }
    }

    /// Lets what runs be as the record says, which has changed.
    func tellSupervisor() async throws {
        guard isAlive else { return }
        try await supervised { try await $0.update(record.id) }
    }
}
