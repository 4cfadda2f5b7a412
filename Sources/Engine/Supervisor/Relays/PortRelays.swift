import Addresses
import ContainerRuntime
import Engine
import Linux
import Logging
import Synchronization

/// The ports of one running container that lead from IPv6 to IPv4, served as docker's proxy does: a
/// connection of ours for each connection, and a socket of ours for each sender of datagrams.
final class PortRelays: Sendable {
    private let target: RelayTarget
    private let task: Task<Void, Never>

    /// Serves at once, until `stop`; nil when there is nothing to serve.
    init?(_ ports: [RelayedPort], shares: RelayShares, logger: Logger) {
        guard let first = ports.first else { return nil }
        let target = RelayTarget(first.target.address)
        self.target = target
        // Cancelled by `stop`.
        task = Task {
            await withTaskGroup(of: Void.self) { group in
                for port in ports {
                    let number = port.target.port
                    let socket = InternetSocket(port.socket)
                    let full = Self.warning(port, logger)
                    group.addTask {
                        switch port.transport {
                        case .tcp:
                            let relay = StreamRelay(
                                socket: socket,
                                target: { target.place(number) },
                                share: shares.streams.port(),
                                full: full
                            )
                            await relay.serve()
                        case .udp:
                            let relay = DatagramRelay(
                                socket: socket,
                                target: { target.place(number) },
                                share: shares.datagrams.port(),
                                full: full
                            )
                            await relay.serve()
                        }
                    }
                }
            }
        }
    }

    private static func warning(
        _ port: RelayedPort,
        _ logger: Logger
    ) -> @Sendable (_ served: Int) -> Void {
        { served in
            // `try?`: without its address it is the container's that is told.
            let place = (try? InternetSocket(port.socket).localAddress()) ?? port.target
            logger.warning(
                "port serves as many by IPv6 as it may: more wait; a higher hard limit of open files allows more",
                metadata: [
                    "port": "\(place)/\(port.transport.rawValue)", "leads to": "\(port.target)",
                    "served": "\(served)",
                ]
            )
        }
    }

    /// Leads new connections to another address of the container; nil is nowhere.
    func lead(to address: IPAddress?) { target.change(address) }

    func stop() { task.cancel() }

    /// As `stop`; returns when nothing of it has a socket open any more.
    func end() async {
        task.cancel()
        await task.value
    }
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
