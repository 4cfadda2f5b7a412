import Addresses
import ContainerNetwork
package import ContainerRuntime
import GRDB
import Linux

extension Engine {
    /// Differences between the kernel's network state and the records, of these containers and their
    /// networks or (nil) of the whole state folder. What a network has lost on which nothing runs is none:
    /// the next start there puts it right. Changes nothing.
    func networkFaults(of containers: Set<ContainerID>? = nil) async throws -> [NetworkFault] {
        let expected = try await networkExpectation(of: containers)
        return try ofRunning(try await kernel.faults(against: expected))
            .filter { !expected.isMissedByNobody($0) }
    }

    /// One that has just ended is not written down yet, and its links are rightly gone.
    private func ofRunning(_ faults: [NetworkFault]) throws -> [NetworkFault] {
        try faults.filter { try $0.subject.container.map { try running($0) != nil } ?? true }
    }

    /// Puts right what differs, of these containers and their networks or (nil) of the whole state folder.
    /// Nobody else may connect these containers meanwhile: links and ports of those that have a supervisor
    /// are its affair.
    @discardableResult
    package func mendNetwork(of containers: Set<ContainerID>? = nil) async throws -> Mending {
        let expected = try await networkExpectation(of: containers)
        return try await mend(try await kernel.faults(against: expected), expected)
    }

    /// The same of containers that are connected so. Those that are not any more by their records
    /// (`changed`) are left alone.
    func mendNetwork(
        as wirings: [ContainerID: Wiring]
    ) async throws -> (mending: Mending, changed: [ContainerID]) {
        let (expected, changed) = try await networkExpectation(as: wirings)
        return (try await mend(try await kernel.faults(against: expected), expected), changed)
    }

    /// Puts right what was found to differ from what is expected; of containers only of `own`,
    /// or (nil) of all.
    func mend(
        _ found: [NetworkFault],
        _ expected: NetworkExpectation,
        concerning own: Set<ContainerID>? = nil
    ) async throws -> Mending {
        let faults = try ofRunning(found).filter { fault in
            guard let own, let container = fault.subject.container else { return true }
            return ContainerID(container).map(own.contains) ?? false
        }
        guard !faults.isEmpty else { return Mending() }
        var mending = Mending()
        var failures: [(error: any Error, faults: [NetworkFault])] = []
        // One repair may put several faults right; walls come first.
        for (repair, faults) in Self.repairs(faults, expected) {
            do {
                guard try await carryOut(repair) else { continue }
                for fault in faults {
                    if expected.mayBeInTheMaking(fault) {
                        mending.completed.append(fault.description)
                    } else {
                        mending.mended.append(fault.description)
                    }
                }
            } catch {
                failures.append((error, faults))
            }
        }
        if !failures.isEmpty {
            // Somebody may have made or removed the very thing meanwhile: then all is well.
            let left = Set(try ofRunning(try await kernel.faults(against: expected)))
            mending.failed = failures.filter { !left.isDisjoint(with: $0.faults) }
                .map { "\($0.error)" }
        }
        try await takeBackFromEnded(faults)
        return mending
    }

    private enum Repair: Hashable {
        case network(NetworkConfiguration)
        case link(ExpectedConnection, isMissing: Bool)
        case ports([PublishedPort], NetworkConfiguration?)
        case admission
    }

    /// Networks, then what is on them.
    private static func repairs(
        _ faults: [NetworkFault],
        _ expected: NetworkExpectation
    ) -> [(Repair, [NetworkFault])] {
        var order: [Repair] = []
        var found: [Repair: [NetworkFault]] = [:]
        func add(_ repair: Repair, _ fault: NetworkFault) {
            if found[repair] == nil { order.append(repair) }
            found[repair, default: []].append(fault)
        }
        var ports: [String: [(PublishedPort, NetworkFault)]] = [:]
        for fault in faults {
            switch fault.subject {
            case .host:
                // One with IPv6 makes what both families need.
                let any = expected.networks.first { $0.ipv6 != nil } ?? expected.networks.first
                if let any { add(.network(any), fault) }
            case .network(let network): add(.network(network), fault)
            case .missingLink(let connection): add(.link(connection, isMissing: true), fault)
            case .looseLink(let connection): add(.link(connection, isMissing: false), fault)
            case .admission: add(.admission, fault)
            case .port(let port): ports[port.containerID, default: []].append((port, fault))
            }
        }
        for (_, entries) in ports.sorted(by: { $0.key < $1.key }) {
            // The host's loopback leads to IPv4.
            let first = entries.first { $0.0.containerAddress.family == .v4 } ?? entries[0]
            let network = expected.networks.first { $0.contains(first.0.containerAddress) }
            for entry in entries { add(.ports(entries.map(\.0), network), entry.1) }
        }
        return order.map { ($0, found[$0] ?? []) }
    }

    /// Gives whether it was still wanted: what it is for may have been removed meanwhile.
    private func carryOut(_ repair: Repair) async throws -> Bool {
        switch repair {
        case .network(let network):
            do {
                try await ensure(network)
                try await kernel.settleLoopback(of: network)
            } catch {
                guard try await !isKnown(network) else { throw error }
            }
            // Removed meanwhile: who did that has looked for it before it was made again.
            guard try await isKnown(network) else {
                try await kernel.remove(network)
                return false
            }
        case .admission:
            try await kernel.admit()
        case .ports(let ports, let network):
            try await kernel.publish(ports, through: network)
        case .link(let connection, isMissing: false):
            try await kernel.reattach(connection)
        case .link(let connection, isMissing: true):
            guard let running = try running(connection.endpoint.containerID),
                let netns = try namespace(of: running)
            else { return false }
            try await kernel.attach(connection.endpoint, to: connection.network, netns: netns)
        }
        return true
    }

    /// Whether a network has a record; its removal begins with that.
    private func isKnown(_ network: NetworkConfiguration) async throws -> Bool {
        try await store.read { db in
            try db.has("SELECT 1 FROM networks WHERE id = ?", [network.id])
        }
    }

    /// A container that ended while its ports were put back has been taken off its networks before:
    /// nobody else would take them away again.
    private func takeBackFromEnded(_ faults: [NetworkFault]) async throws {
        for id in Set(faults.compactMap(\.subject.container)).sorted()
        where try running(id) == nil {
            let ports = faults.compactMap { fault -> PublishedPort? in
                guard case .port(let port) = fault.subject, port.containerID == id else {
                    return nil
                }
                return port
            }
            try await kernel.unpublish(ports)
        }
    }

    private func running(_ container: String) throws -> RunningContainer? {
        guard let id = ContainerID(container) else { return nil }
        return try runtime.adopt(id, name: id.short, in: layout.container(id.text))
    }
}

extension NetworkFault.Subject {
    /// The container it is about; nil for networks and the host.
    var container: String? {
        switch self {
        case .missingLink(let connection), .looseLink(let connection):
            connection.endpoint.containerID
        case .port(let port): port.containerID
        case .host, .network, .admission: nil
        }
    }
}
