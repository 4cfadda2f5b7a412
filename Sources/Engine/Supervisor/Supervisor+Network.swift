import ContainerRuntime
import Engine
import Logging

/// The kernel's network state is watched: what somebody takes away from running containers (a flush
/// of the firewall, a bridge, a link, an address, forwarding) is put back at once.
extension Supervisor {
    /// Puts right what was changed before, then what changes, until the task is cancelled.
    package func keepNetwork() async {
        while !Task.isCancelled {
            do { try await watchNetwork() } catch is CancellationError {
                return
            } catch {
                logger.error("network not watched", metadata: ["error": "\(error)"])
            }
            // `try?`: cancelled, it ends.
            try? await Task.sleep(for: Self.watchPause)
        }
    }

    private static let watchPause: Duration = .seconds(10)

    private func watchNetwork() async throws {
        let network = try await engine.watchNetwork()
        watchedNetwork = network
        defer {
            watchedNetwork = nil
            network.end()
        }
        for container in containers.values where container.running != nil {
            if let wiring = container.wiring { network.keep(container.id, wiring) }
        }
        await mend(network)
        var pace = MendingPace()
        for await _ in network.changes {
            try await Task.sleep(for: pace.delay(at: now))
            await mend(network)
        }
        try Task.checkCancellation()
    }

    /// What is being connected otherwise just now is looked at afterwards.
    private func mend(_ network: WatchedNetwork) async {
        var wirings: [ContainerID: Wiring] = [:]
        for container in containers.values
        where container.running != nil && !rewiring.contains(container.id) {
            wirings[container.id] = container.wiring
        }
        // Ends by itself.
        let task = Task { [wirings] in await mend(network, as: wirings) }
        networkMending = task
        await task.value
        networkMending = nil
    }

    private func mend(_ network: WatchedNetwork, as wirings: [ContainerID: Wiring]) async {
        do {
            let (mending, changed) = try await network.mend(as: wirings)
            for words in mending.mended {
                logger.warning("network repaired", metadata: ["was": "\(words)"])
            }
            for words in mending.failed {
                logger.error("network not repaired", metadata: ["error": "\(words)"])
            }
            for id in changed { follow(id) }
        } catch {
            logger.error("network not compared", metadata: ["error": "\(error)"])
        }
    }

    /// A command has written down that a container is connected otherwise, and says so next, or was killed.
    private func follow(_ id: ContainerID) {
        guard let container = containers[id], let running = container.running else { return }
        // Ends with the work that it queues.
        Task {
            do {
                let wanted = try await engine.wiring(of: id)
                if container.refusedWiring?.isSame(as: wanted) == true { return }
                try await rewire(container, running)
            } catch {
                logger.error(
                    "container not connected as its record says",
                    metadata: ["container": "\(container.name)", "error": "\(error)"]
                )
            }
        }
    }
}

/// How long to wait before a look at what changed: long enough for one flush or one restart of
/// somebody's firewall to be one change, and longer and longer while somebody goes on undoing repairs.
struct MendingPace {
    private var recent: [Duration] = []

    private static let shortest: Duration = .milliseconds(20)
    private static let longest: Duration = .seconds(5)
    /// Changes that lie further back have nothing to do with those of now.
    private static let calm: Duration = .seconds(10)
    /// So many in that time are looked at at once.
    private static let patience = 20

    /// The delay for a change that is noticed now.
    mutating func delay(at now: Duration) -> Duration {
        recent = recent.filter { now - $0 < Self.calm } + [now]
        let excess = min(max(recent.count - Self.patience, 0), 8)
        return min(Self.shortest * (1 << excess), Self.longest)
    }
}
