import ContainerNetwork
package import ContainerRuntime
import Synchronization

/// The network state of the containers that somebody keeps, watched: tells when it may not be as the
/// records say, and puts it right.
package final class WatchedNetwork: Sendable {
    private let engine: Engine
    private let watch: NetworkWatch
    private let kept = Mutex<Set<ContainerID>>([])

    /// One element for any number of changes that were not taken yet; ends with `end`.
    package var changes: AsyncStream<Void> { watch.changes }

    fileprivate init(_ engine: Engine, _ watch: NetworkWatch) {
        self.engine = engine
        self.watch = watch
    }

    /// A container runs from now on, or is connected otherwise.
    package func keep(_ id: ContainerID, _ wiring: Wiring) {
        keep(id, wiring.networks)
    }

    /// As `keep(_:_:)`, for one that was adopted.
    package func keep(adopted id: ContainerID) async throws {
        keep(id, try await engine.networkConfigurations(of: id))
    }

    private func keep(_ id: ContainerID, _ networks: [NetworkConfiguration]) {
        kept.withLock { _ = $0.insert(id) }
        watch.change { $0.add(id.text, on: networks) }
    }

    /// A container has ended: what becomes of its links is as it should be.
    package func letGo(_ id: ContainerID) {
        kept.withLock { _ = $0.remove(id) }
        watch.change { $0.remove(id.text) }
    }

    /// Compares, and puts right what differs.
    package func mend() async throws -> Mending {
        let ids = kept.withLock(\.self)
        return ids.isEmpty ? Mending() : try await engine.mendNetwork(of: ids)
    }

    /// Ends the watch.
    package func end() { watch.end() }
}

extension Engine {
    /// Begins to watch the network state; nothing is of interest yet.
    package func watchNetwork() async throws -> WatchedNetwork {
        WatchedNetwork(self, try await kernel.watch())
    }
}
