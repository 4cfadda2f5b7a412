import Engine
import Logging

/// The kernel's network state is watched: what somebody takes away from running containers (a flush
/// of the firewall, a bridge, a link, an address, forwarding) is put back at once.
extension Supervisor {
    /// Puts right what was changed before, then what changes, until the task is cancelled.
    package func keepNetwork() async {
        do {
            let network = try await engine.watchNetwork()
            watchedNetwork = network
            defer {
                watchedNetwork = nil
                network.end()
            }
            for container in containers.values where container.running != nil {
                try await network.keep(adopted: container.id)
                // It may have ended meanwhile.
                if container.running == nil { network.letGo(container.id) }
            }
            await mend(network)
            var pace = MendingPace()
            for await _ in network.changes {
                try await Task.sleep(for: pace.delay(at: now))
                await mend(network)
            }
        } catch is CancellationError {
            return
        } catch {
            // Without it the next command looks.
            logger.error("network not watched", metadata: ["error": "\(error)"])
        }
    }

    private func mend(_ network: WatchedNetwork) async {
        do {
            let mending = try await network.mend()
            for words in mending.mended {
                logger.warning("network repaired", metadata: ["was": "\(words)"])
            }
            for words in mending.failed {
                logger.error("network not repaired", metadata: ["error": "\(words)"])
            }
        } catch {
            logger.error("network not compared", metadata: ["error": "\(error)"])
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
