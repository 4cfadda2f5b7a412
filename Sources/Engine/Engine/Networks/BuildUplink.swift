import Addresses
import ContainerNetwork
package import ContainerRuntime
import Glibc
import Linux
import Logging
import Synchronization
import SystemPackage

/// How the RUN steps of a build reach the world: a network of the build's own, made when the first
/// step needs it and removed with the build.
///
/// A lock file beneath `<run>/builds` says that the build lives; recovery removes the network of one
/// that was killed.
package final class BuildUplink: Sendable {
    /// Content of the steps' `/etc/resolv.conf`: the host's servers, as far as a network namespace
    /// can reach them.
    package let resolvConf: String
    private let engine: Engine
    private let state = Mutex(State())

    private struct State {
        /// Steps that want the network at the same time share one making of it.
        var opening: Task<Opened, any Error>?
        var addresses: Set<IPv4Address> = []
    }

    private struct Opened: Sendable {
        var network: NetworkRecord
        var lock: FileLock
    }

    fileprivate init(_ engine: Engine) {
        self.engine = engine
        resolvConf = HostFiles.resolvConfOutside()
    }

    /// Connects the container of a step that waits to start; gives back what disconnects it again.
    package func connect(
        _ created: CreatedContainer
    ) async throws -> @Sendable () async -> Void {
        guard let netns = created.netns else { return {} }
        let network = try await opened().network
        let address = try take(in: network)
        let endpoint = Endpoint(
            containerID: created.id.text,
            interfaceName: "eth0",
            addresses: [.v4(address)],
            isDefaultRoute: true
        )
        do {
            try await engine.kernel.prepareNamespace(netns)
            try await engine.kernel.attach(endpoint, to: network.configuration, netns: netns)
        } catch {
            await disconnect(created.id, address, network)
            throw error
        }
        return { await self.disconnect(created.id, address, network) }
    }

    /// The host's address as the steps reach it.
    package func gateway() async throws -> String { "\(try await opened().network.block.gateway)" }

    private func opened() async throws -> Opened {
        let engine = engine
        let opening = state.withLock { state in
            if let opening = state.opening { return opening }
            // Nobody cancels it: it is awaited here, and `close` undoes what it made.
            let opening = Task { try await Self.open(engine) }
            state.opening = opening
            return opening
        }
        return try await opening.value
    }

    private static func open(_ engine: Engine) async throws -> Opened {
        var request = NetworkRequest(name: "build-\(ContainerID.random().short)")
        request.key = Engine.buildNetworkKey
        let path = engine.layout.buildLock(request.name)
        try Layout.make(engine.layout.builds)
        // The lock first: a build network whose lock is free is a leftover.
        let lock = try await FileLock.acquire(path)
        return Opened(network: try await engine.createNetwork(request), lock: lock)
    }

    private func take(in network: NetworkRecord) throws -> IPv4Address {
        try state.withLock { state in
            let address = try AddressPool.freeAddress(
                in: network.block.subnet,
                gateway: network.block.gateway,
                used: state.addresses
            )
            state.addresses.insert(address)
            return address
        }
    }

    private func disconnect(
        _ id: ContainerID,
        _ address: IPv4Address,
        _ network: NetworkRecord
    ) async {
        do {
            try await engine.kernel.detach(containerID: id.text, from: [network.configuration])
        } catch {
            // The link goes with the container's namespace; the step's own result counts.
            engine.logger.debug("build step not disconnected", metadata: ["error": "\(error)"])
        }
        _ = state.withLock { $0.addresses.remove(address) }
    }

    fileprivate func close() async throws {
        guard let opening = state.withLock({ $0.opening }) else { return }
        let opened: Opened
        do {
            opened = try await opening.value
        } catch {
            // It was never made, and the step that wanted it has said so.
            return
        }
        try await engine.removeBuildNetwork(named: opened.network.name)
        withExtendedLifetime(opened.lock) {}
    }
}

extension Engine {
    /// Marks the record of a build's network; no key of a compose file.
    static let buildNetworkKey = "berth.build"

    /// Gives a build its way out, and takes the network back when the body has ended.
    package func withBuildUplink<R>(
        _ body: (BuildUplink) async throws -> R
    ) async throws -> R {
        let uplink = BuildUplink(self)
        let result: R
        do {
            result = try await body(uplink)
        } catch {
            // A task of its own, since a cancelled build cannot clear away.
            do { try await Task { try await uplink.close() }.value } catch let second {
                // The build's failure is the one to report; recovery removes the network.
                logger.warning("build network left", metadata: ["error": "\(second)"])
            }
            throw error
        }
        try await uplink.close()
        return result
    }

    func removeBuildNetwork(named name: String) async throws {
        try await removeNetwork(named: name)
        let path = layout.buildLock(name)
        _ = path.withPlatformString { unlink($0) }
    }

    /// Whether the build with this network is at work: it holds its lock.
    static func isBuildAlive(_ network: String, _ layout: Layout) throws -> Bool {
        let path = layout.buildLock(network)
        guard Layout.exists(path) else { return false }
        return try FileLock.tryAcquire(path) == nil
    }

    /// Removes the networks of builds that were killed; gives their names.
    func removeAbandonedBuildNetworks() async throws -> [String] {
        let networks = try await networks().filter { $0.key == Self.buildNetworkKey }
        var removed: [String] = []
        for network in networks {
            try Layout.make(layout.builds)
            guard let lock = try FileLock.tryAcquire(layout.buildLock(network.name)) else {
                continue
            }
            try await removeBuildNetwork(named: network.name)
            removed.append(network.name)
            withExtendedLifetime(lock) {}
        }
        return removed
    }
}

extension NetworkRecord {
    /// The network of a build has IPv4.
    fileprivate var block: AddressBlock<IPv4Address> {
        guard let ipv4 else { preconditionFailure("the network of a build has IPv4") }
        return ipv4
    }
}
