import Addresses
import ContainerRuntime
import DNS
import Engine
import Linux
import Logging
import Synchronization

/// The name server of one running container, from before its program begins until its end.
final class NameServing: Sendable {
    private let task: Task<Void, Never>

    /// Serves the names that the engine says the container may ask for.
    init(
        _ sockets: (udp: SharedFD, tcp: SharedFD),
        for id: ContainerID,
        of spec: ContainerSpec,
        engine: Engine,
        changes: NameChanges,
        logger: Logger
    ) {
        let cache = NameCache(id, engine: engine, changes: changes, logger: logger)
        let own = spec.dns
        let server = ContainerDNS(
            udp: sockets.udp,
            tcp: sockets.tcp,
            upstream: { Self.upstream(own) },
            zone: { await cache.zone() }
        )
        // Cancelled by `stop`.
        task = Task { await server.serve() }
    }

    func stop() { task.cancel() }

    /// The servers the file names for the container, else the host's, which are read again since
    /// they change with the network that a machine is in.
    private static func upstream(_ own: DNSSettings) -> UpstreamServers {
        var configuration = ResolverConfiguration.ofHost()
        if !own.servers.isEmpty { configuration.servers = own.servers }
        if !own.options.isEmpty { configuration.options = own.options }
        return UpstreamServers(
            configuration.servers.compactMap { SocketAddress($0, port: 53) },
            patience: .seconds(configuration.timeoutSeconds),
            rounds: configuration.attempts
        )
    }
}

/// How fast those who ask for names hear of what has changed.
package enum NamePace {
    /// So long a name server goes by what it has read, if nobody is known to have changed anything.
    package static let freshness: Duration = .seconds(1)
    /// So long it knows nothing of what other processes have written down.
    static let looking: Duration = .milliseconds(10)
    /// So long somebody who has an answer may take to connect to what it leads to.
    package static let connecting: Duration = .milliseconds(250)
}

/// Counts what changes the names of a project's containers.
final class NameChanges: Sendable {
    private let count = Atomic<UInt64>(0)

    var now: UInt64 { count.load(ordering: .acquiring) }

    func note() { count.add(1, ordering: .releasing) }
}

/// The names one container may ask for, read from the records when they may have changed: at once
/// for containers of the project, after `NamePace.looking` for those of others on the same network.
private final class NameCache: Sendable {
    private struct Known {
        var zone: Zone
        var change: UInt64
        /// The state of the records, as `Engine.stateOfOthers` has it.
        var others: Int
        var until: ContinuousClock.Instant
        var looked: ContinuousClock.Instant
    }

    private let id: ContainerID
    private let engine: Engine
    private let changes: NameChanges
    private let logger: Logger
    private let known = Mutex<Known?>(nil)

    init(_ id: ContainerID, engine: Engine, changes: NameChanges, logger: Logger) {
        self.id = id
        self.engine = engine
        self.changes = changes
        self.logger = logger
    }

    func zone() async -> Zone {
        let change = changes.now
        let former = known.withLock(\.self)
        let isKnown = former.map { $0.change == change && $0.until > .now } ?? false
        if let former, isKnown, former.looked + NamePace.looking > .now { return former.zone }
        do {
            let looked = ContinuousClock.now
            let others = try await engine.stateOfOthers()
            if let former, isKnown, former.others == others {
                known.withLock { $0?.looked = looked }
                return former.zone
            }
            let zone = Zone(try await engine.names(visibleTo: id))
            known.withLock {
                $0 = Known(
                    zone: zone,
                    change: change,
                    others: others,
                    until: .now + NamePace.freshness,
                    looked: looked
                )
            }
            return zone
        } catch {
            // What was known is better than nothing while the records cannot be read.
            logger.warning(
                "names not read",
                metadata: ["container": "\(id.short)", "error": "\(error)"]
            )
            return former?.zone ?? Zone()
        }
    }
}

extension Zone {
    /// The names of all networks that a container is on.
    init(_ networks: [NetworkNames]) {
        self.init()
        isSealed = networks.allSatisfy(\.network.isInternal)
        for network in networks {
            for (name, addresses) in network.addresses {
                for address in addresses { add(name, address, network: network.network.name) }
            }
            for (address, name) in network.names {
                // Docker answers a reverse question with `<container>.<network>`.
                add(reverse: address, "\(name).\(network.network.name)")
            }
        }
    }
}
