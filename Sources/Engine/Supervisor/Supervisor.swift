import ContainerRuntime
package import Engine
package import Logging
import SystemPackage

/// Keeps the containers of one project as they should be: the only one that starts and stops them.
///
/// Holds what runs or will run by itself; everything else is in the records. The decisions are
/// those of `ContainerLife`, one per container; this actor carries them out. What must happen in
/// order for one container (a record, a release, the next launch) is queued behind its former.
package actor Supervisor {
    let project: String
    let engine: Engine
    let command: SupervisorCommand
    let logger: Logger
    let names = NameChanges()
    let descriptors: DescriptorBudget
    let relayShares: RelayShares
    /// Starts that wait until there are descriptors for them, too.
    var startsWaiting: [CheckedContinuation<Void, Never>] = []
    /// By identifier; a container is here while it is not idle or somebody waits for it.
    var containers: [ContainerID: Supervised] = [:]
    /// Of containers whose logs are sent elsewhere.
    var deliveries: [ContainerID: Delivery] = [:]
    var lastWaiter = 0
    /// While the network is watched.
    var watchedNetwork: WatchedNetwork?
    /// What puts the network right just now.
    var networkMending: Task<Void, Never>?
    /// Containers that are being connected otherwise just now.
    var rewiring: Set<ContainerID> = []
    /// How often something is being removed from the kernel for which nobody waits.
    private var removals = 0
    /// Whether a command has said that nothing of the project is left.
    private(set) var isProjectGone = false
    private let epoch = ContinuousClock.now
    private var clients = 0
    private var isRetired = false
    private var watchers: [Int: AsyncStream<SupervisorEvent>.Continuation] = [:]
    private var lastWatcher = 0
    private var idleWaiter: CheckedContinuation<Void, Never>?
    /// Whoever started this process asks for something within this time, or nobody does. Who only
    /// connects may have looked whether anybody listens.
    private var isExpectingClient = true
    private static let patience: Duration = .seconds(5)

    package init(
        project: String,
        engine: Engine,
        command: SupervisorCommand,
        descriptorLimit: UInt64 = .max,
        logger: Logger
    ) {
        self.project = project
        self.engine = engine
        self.command = command
        descriptors = DescriptorBudget(limit: descriptorLimit)
        relayShares = RelayShares(descriptorLimit: descriptorLimit)
        var logger = logger
        logger[metadataKey: "project"] = "\(project)"
        self.logger = logger
    }

    /// Carries one request out and gives its reply, which may take as long as a container lives.
    package func answer(_ verb: Request.Verb) async -> Reply {
        isExpectingClient = false
        do {
            switch verb {
            case .ping:
                return .pong(processStatus)
            case .cut(let network):
                takeAway(try await engine.cut(network))
            case .forget:
                isProjectGone = true
                return .pong(processStatus)
            case .start(let id):
                return try await start(id)
            case .startAttended(let id):
                return try await start(id, awaiting: Arrival())
            case .attended(let id):
                containers[id]?.arrival?.come()
            case .stop(let id, let grace, let signal):
                try await stop(id, grace: grace.map { .milliseconds($0) }, signal: signal)
            case .restart(let id, let grace):
                return try await restart(id, grace: grace.map { .milliseconds($0) })
            case .hasten(let id, let grace):
                hasten(id, grace: grace.map { .milliseconds($0) })
            case .kill(let id, let signal):
                try await kill(id, signal: signal)
            case .pause(let id):
                try await setPaused(true, id)
            case .unpause(let id):
                try await setPaused(false, id)
            case .update(let id):
                try await update(id)
            case .wait(let id, let condition):
                return .waited(try await wait(for: id, until: condition))
            case .status:
                return .status(status())
            case .watch:
                // Streams belong to connections: `ControlServer` asks `events` for one.
                break
            }
            return .done
        } catch let error as SupervisorError {
            return .failed(error)
        } catch is CancellationError {
            return .failed(SupervisorError(.stopped, "the client went away"))
        } catch {
            return .failed(SupervisorError(.startFailed, "\(error)"))
        }
    }
}

extension Supervisor {
    private var processStatus: ProcessStatus {
        ProcessStatus(
            processID: Self.processID,
            version: ControlProtocol.version,
            containers: containers.values.count { !$0.life.isIdle },
            clients: clients,
            stateFolder: engine.layout.root.string
        )
    }

    /// The reading of the clock that lives go by.
    var now: Duration { ContinuousClock.now - epoch }
}

// MARK: Clients

extension Supervisor {
    /// A client came. One that comes too late is to ask the next supervisor.
    package func admit() -> Bool {
        guard !isRetired else { return false }
        clients += 1
        return true
    }

    /// A client that was admitted has left.
    package func clientLeft() {
        clients -= 1
        wakeIfIdle()
    }

    /// What happens from now on, for one client.
    package func events() -> AsyncStream<SupervisorEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: SupervisorEvent.self,
            bufferingPolicy: .bufferingNewest(1024)
        )
        isExpectingClient = false
        lastWatcher += 1
        let number = lastWatcher
        watchers[number] = continuation
        continuation.onTermination = { [weak self] _ in
            // Ends at once: it only takes an entry out.
            Task { await self?.forget(watcher: number) }
        }
        return stream
    }

    /// Whether anybody hears of what happens.
    var isWatched: Bool { !watchers.isEmpty }

    private func forget(watcher number: Int) { watchers[number] = nil }

    func announce(_ kind: SupervisorEvent.Kind, of container: Supervised) {
        let event = SupervisorEvent(container: container.id, name: container.name, kind: kind)
        for watcher in watchers.values { watcher.yield(event) }
    }
}

// MARK: The end

extension Supervisor {
    private var isIdle: Bool {
        clients == 0 && containers.isEmpty && deliveries.isEmpty && removals == 0
            && !isExpectingClient
    }

    /// Removes what nobody waits for, but for the end of this process.
    func takeAway(_ remains: KernelRemains) {
        guard !remains.isEmpty else { return }
        removals += 1
        // Ends when the kernel is done.
        Task {
            do { try await engine.remove(remains) } catch {
                // The next command finds it.
                logger.warning("links not removed", metadata: ["error": "\(error)"])
            }
            removals -= 1
            wakeIfIdle()
        }
    }

    /// Returns when nothing of the project runs and no client is connected.
    package func untilIdle() async {
        if isExpectingClient {
            // Ends by itself.
            Task {
                try? await Task.sleep(for: Self.patience)  // `try?`: nobody cancels it
                self.stopExpecting()
            }
        }
        if isIdle { return }
        await withCheckedContinuation { idleWaiter = $0 }
    }

    /// Ends the taking of requests, unless one came meanwhile.
    package func retire() -> Bool {
        isRetired = isIdle
        return isRetired
    }

    private func stopExpecting() {
        isExpectingClient = false
        wakeIfIdle()
    }

    func wakeIfIdle() {
        guard isIdle else { return }
        idleWaiter.take()?.resume()
    }
}
