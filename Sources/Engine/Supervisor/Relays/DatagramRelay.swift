import Addresses
import Linux
import Synchronization

/// Passes datagrams on: a socket for each sender, by which the answers find back to it.
struct DatagramRelay: Sendable {
    var socket: InternetSocket
    /// Where to; nil while there is nothing to reach.
    var target: @Sendable () -> SocketAddress?
    var share: PortShare
    /// Called once, when no more are served.
    var full: @Sendable (_ served: Int) -> Void

    /// As long as docker's proxy remembers who has sent nothing more.
    private static let idle: Duration = .seconds(90)

    private struct Sender {
        var socket: InternetSocket
        var place: SocketAddress
        var lastHeard: ContinuousClock.Instant
    }

    private final class Senders: Sendable {
        let known = Mutex<[SocketAddress: Sender]>([:])
        private let counts = Mutex<[IPAddress: Int]>([:])

        /// What of this sender's client is served.
        func count(like sender: SocketAddress) -> Int {
            counts.withLock { $0[Self.client(of: sender)] ?? 0 }
        }

        func began(_ sender: SocketAddress) {
            counts.withLock { $0[Self.client(of: sender), default: 0] += 1 }
        }

        func ended(_ sender: SocketAddress) {
            counts.withLock { counts in
                let client = Self.client(of: sender)
                counts[client] = counts[client].flatMap { $0 > 1 ? $0 - 1 : nil }
            }
        }

        /// With IPv6 all addresses of one link: who has one has 2^64 of them.
        private static func client(of sender: SocketAddress) -> IPAddress {
            guard case .v6(let address) = sender.address else { return sender.address }
            return .v6(IPv6Subnet(around: address, prefixLength: 64).base)
        }
    }

    /// Serves until the task is cancelled, or the socket itself is broken.
    func serve() async {
        let senders = Senders()
        await withDiscardingTaskGroup { group in
            // `try?`: either way there is nothing more to serve.
            while (try? await Readiness.readable(socket.fd)) != nil {
                // `try?`: an error is about an answer that nobody waited for.
                while !Task.isCancelled, let (bytes, client) = try? socket.receiveNow() {
                    await Task.yield()
                    guard let place = target() else { continue }
                    let former = senders.known.withLock { known in
                        known[client]?.lastHeard = .now
                        return known[client]
                    }
                    if let former, former.place == place {
                        // A datagram may be lost.
                        _ = try? former.socket.sendNow(bytes, to: place)
                        continue
                    }
                    guard let sender = begin(client, place, senders) else { continue }
                    _ = try? sender.sendNow(bytes, to: place)
                    group.addTask {
                        await answer(client, sender, senders)
                        senders.ended(client)
                        share.end()
                    }
                }
            }
        }
    }

    /// A socket for a new sender; nil when there are too many, of its client or of all.
    private func begin(
        _ client: SocketAddress,
        _ place: SocketAddress,
        _ senders: Senders
    ) -> InternetSocket? {
        let others = senders.count(like: client)
        guard share.begin(forClientWith: others, isFirst: full) else { return nil }
        do {
            let socket = try InternetSocket(.datagram, family: place.address.family)
            try socket.connect(place)
            senders.known.withLock {
                $0[client] = Sender(socket: socket, place: place, lastHeard: .now)
            }
            senders.began(client)
            return socket
        } catch {
            share.end()
            return nil
        }
    }

    /// Gives a sender its answers, until neither has said anything for a while.
    private func answer(
        _ client: SocketAddress,
        _ own: InternetSocket,
        _ senders: Senders
    ) async {
        while !Task.isCancelled {
            let isReady: Void? = await within(Self.idle) { try await Readiness.readable(own.fd) }
            if isReady == nil {
                let isOver = senders.known.withLock { known in
                    guard let sender = known[client], sender.socket.fd === own.fd else {
                        return true
                    }
                    guard sender.lastHeard + Self.idle <= .now else { return false }
                    known[client] = nil
                    return true
                }
                if isOver { return }
                continue
            }
            do {
                while let (bytes, _) = try own.receiveNow() {
                    _ = try? socket.sendNow(bytes, to: client)
                }
            } catch {
                // The container refuses: who sends again is passed on again.
                senders.known.withLock { known in
                    if known[client]?.socket.fd === own.fd { known[client] = nil }
                }
                return
            }
        }
    }
}
