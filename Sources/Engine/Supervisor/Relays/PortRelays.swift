import Addresses
import ContainerRuntime
import Engine
import Linux
import Synchronization

/// The ports of one running container that lead from IPv6 to IPv4, served as docker's proxy does: a
/// connection of ours for each connection, and a socket of ours for each sender of datagrams.
final class PortRelays: Sendable {
    private let target: RelayTarget
    private let task: Task<Void, Never>

    /// Serves at once, until `stop`; nil when there is nothing to serve.
    init?(_ ports: [RelayedPort], shares: RelayShares) {
        guard let first = ports.first else { return nil }
        let target = RelayTarget(first.target.address)
        self.target = target
        // Cancelled by `stop`.
        task = Task {
            await withTaskGroup(of: Void.self) { group in
                for port in ports {
                    let number = port.target.port
                    let socket = InternetSocket(port.socket)
                    group.addTask {
                        switch port.transport {
                        case .tcp:
                            let relay = StreamRelay(
                                socket: socket,
                                target: { target.place(number) },
                                share: shares.streams
                            )
                            await relay.serve()
                        case .udp:
                            let relay = DatagramRelay(
                                socket: socket,
                                target: { target.place(number) },
                                share: shares.datagrams
                            )
                            await relay.serve()
                        }
                    }
                }
            }
        }
    }

    /// Leads new connections to another address of the container; nil is nowhere.
    func lead(to address: IPAddress?) { target.change(address) }

    func stop() { task.cancel() }
}

/// Where a container is reached just now.
private final class RelayTarget: Sendable {
    private let address: Mutex<IPAddress?>

    init(_ address: IPAddress) { self.address = Mutex(address) }

    func change(_ new: IPAddress?) { address.withLock { $0 = new } }

    func place(_ port: UInt16) -> SocketAddress? {
        address.withLock(\.self).map { SocketAddress($0, port: port) }
    }
}

/// What a supervisor may serve at once of either kind, so that senders of datagrams, whom anybody can
/// forge, take nothing from connections.
struct RelayShares: Sendable {
    var streams, datagrams: RelayShare

    init(descriptorLimit: UInt64) {
        streams = RelayShare(descriptorLimit: descriptorLimit)
        datagrams = RelayShare(descriptorLimit: descriptorLimit)
    }
}

/// How much a supervisor may serve at once for all its containers: each connection takes descriptors.
final class RelayShare: Sendable {
    private let most: Int
    private let inUse = Atomic<Int>(0)

    /// What one connection takes: its two sockets, and a duplicate of each for either direction.
    private static let descriptorsEach: UInt64 = 6

    /// An eighth of what the process may have open, at most.
    init(descriptorLimit: UInt64) {
        most = Int(min(max(descriptorLimit / 8 / Self.descriptorsEach, 8), 4096))
    }

    /// Whether one more may begin; then `end` ends it.
    func begin() -> Bool {
        if inUse.add(1, ordering: .relaxed).newValue <= most { return true }
        end()
        return false
    }

    func end() { inUse.subtract(1, ordering: .relaxed) }
}
