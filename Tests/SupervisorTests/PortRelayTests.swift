import Addresses
import ContainerRuntime
import Engine
import Glibc
import Linux
import Testing

@testable import Supervisor

private let loopbackHasIPv6: Bool = {
    guard let place = SocketAddress("::1", port: 0),
        let socket = try? InternetSocket(.stream, family: .v6)
    else { return false }
    return (try? socket.bind(place)) != nil
}()

/// Ports that lead from IPv6 to IPv4, on real sockets of the loopback.
@Suite(
    "relayed ports, on the loopback",
    .enabled(if: loopbackHasIPv6),
    .timeLimit(.minutes(1))
)
struct PortRelayTests {
    private static let outer = SocketAddress("::1", port: 0)
    private static let inner = SocketAddress("127.0.0.1", port: 0)

    /// A socket of the container's, one of the host's, and what passes between them.
    private struct Pair {
        var server: InternetSocket
        var place: SocketAddress
        var relays: PortRelays
    }

    private func pair(_ kind: InternetSocket.Kind, limit: UInt64 = 4096) throws -> Pair {
        let server = try InternetSocket(kind)
        try server.bind(try #require(Self.inner))
        let front = try InternetSocket(kind, family: .v6)
        try front.bind(try #require(Self.outer))
        if kind == .stream {
            try server.listen(backlog: 16)
            try front.listen(backlog: 16)
        }
        let port = RelayedPort(
            socket: front.fd,
            transport: kind == .stream ? .tcp : .udp,
            target: try server.localAddress()
        )
        let relays = try #require(
            PortRelays([port], shares: RelayShares(descriptorLimit: limit))
        )
        return Pair(server: server, place: try front.localAddress(), relays: relays)
    }

    private func connect(_ place: SocketAddress) async throws -> InternetSocket {
        let client = try InternetSocket(.stream, family: .v6)
        try client.connect(place)
        try await Readiness.writable(client.fd)
        try client.finishConnecting(to: place)
        return client
    }

    private func accept(_ server: InternetSocket) async throws -> InternetSocket {
        while true {
            try await Readiness.readable(server.fd)
            if let connection = try server.acceptNow() { return connection }
        }
    }

    private func receive(_ socket: InternetSocket) async throws -> (
        bytes: [UInt8], from: SocketAddress
    ) {
        while true {
            try await Readiness.readable(socket.fd)
            if let datagram = try socket.receiveNow() { return datagram }
        }
    }

    private func readAll(_ socket: InternetSocket) async throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let more = try await socket.fd.read(upTo: 65536)
            if more.isEmpty { return all }
            all += more
        }
    }

    @Test("every byte of both directions, and each end by itself")
    func streams() async throws {
        let pair = try pair(.stream)
        defer { pair.relays.stop() }
        let client = try await connect(pair.place)
        let server = try await accept(pair.server)
        let sent = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        async let received = readAll(server)
        try await client.fd.write(sent)
        client.fd.with { _ = shutdown($0, CInt(SHUT_WR)) }
        #expect(try await received == sent)
        // The other direction is still there.
        try await server.fd.write([1, 2, 3])
        server.fd.with { _ = shutdown($0, CInt(SHUT_WR)) }
        #expect(try await readAll(client) == [1, 2, 3])
    }

    @Test("a container that takes no connection ends the client's")
    func refused() async throws {
        let pair = try pair(.stream)
        defer { pair.relays.stop() }
        pair.relays.lead(to: nil)
        let client = try await connect(pair.place)
        #expect(try await readAll(client) == [])
        pair.relays.lead(to: .v4(try #require(IPv4Address("127.0.0.1"))))
        let next = try await connect(pair.place)
        let server = try await accept(pair.server)
        try await next.fd.write([7])
        #expect(try await server.fd.read(upTo: 10) == [7])
    }

    @Test("more connections than its share wait for their turn")
    func share() async throws {
        let pair = try pair(.stream, limit: 64)
        defer { pair.relays.stop() }
        var clients: [InternetSocket] = []
        for _ in 0..<9 { clients.append(try await connect(pair.place)) }
        for client in clients { try await client.fd.write([1]) }
        var served: [InternetSocket] = []
        for _ in 0..<8 { served.append(try await accept(pair.server)) }
        #expect(try pair.server.acceptNow() == nil)
        served = []
        clients[0].fd.with { _ = shutdown($0, CInt(SHUT_RDWR)) }
        _ = try await accept(pair.server)
    }

    @Test("senders of datagrams get their own answers")
    func datagrams() async throws {
        let pair = try pair(.datagram)
        defer { pair.relays.stop() }
        let clients = try (0..<3).map { _ in try InternetSocket(.datagram, family: .v6) }
        for turn: UInt8 in 0..<2 {
            for (number, client) in clients.enumerated() {
                let word: [UInt8] = [turn, UInt8(number)]
                try client.sendNow(word, to: pair.place)
                let (bytes, sender) = try await receive(pair.server)
                #expect(bytes == word)
                try pair.server.sendNow(bytes + [9], to: sender)
                let answer = try await receive(client)
                #expect(answer.bytes == word + [9] && answer.from == pair.place)
            }
        }
    }
}
