import ContainerNetwork
package import ContainerRuntime

/// The network state of the containers that somebody keeps, watched: tells when it may not be as the
/// records say, and puts it right.
package final class WatchedNetwork: Sendable {
    private let engine: Engine
    private let watch: NetworkWatch

    /// One element for any number of changes that were not taken yet; ends with `end`.
    package var changes: AsyncStream<Void> { watch.changes }

    fileprivate init(_ engine: Engine, _ watch: NetworkWatch) {
        self.engine = engine
        self.watch = watch
    }

    /// A container runs from now on, or is connected otherwise.
    package func keep(_ id: ContainerID, _ wiring: Wiring) {
        watch.change { $0.add(id.text, on: wiring.networks) }
    }

    /// A container has ended: what becomes of its links is as it should be.
    package func letGo(_ id: ContainerID) { watch.change { $0.remove(id.text) } }

    /// Lets `changes` have an element, as if something had changed.
    package func look() { watch.look() }

    /// Compares what is known to be connected so, and puts right what differs.
    /// - Returns: What became of it, and the containers of which records say otherwise by now: they are
    ///   left alone.
    package func mend(
        as wirings: [ContainerID: Wiring]
    ) async throws -> (mending: Mending, changed: [ContainerID]) {
        guard !wirings.isEmpty else { return (Mending(), []) }
        return try await engine.mendNetwork(as: wirings)
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
