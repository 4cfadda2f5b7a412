import Addresses
import ContainerRuntime
import Engine
import Glibc
import Linux
import Logging
import Synchronization
import SystemPackage
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

    private func pair(
        _ kind: InternetSocket.Kind,
        shares: RelayShares = RelayShares(descriptorLimit: 4096),
        logger: Logger = Logger(label: "relays")
    ) throws -> Pair {
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
        let relays = try #require(PortRelays([port], shares: shares, logger: logger))
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

    @Test("one client, with however many ports of its own, leaves some for others")
    func clients() {
        let port = RelayShares(descriptorLimit: 1024).datagrams.port()
        var (first, second) = (0, 0)
        while port.begin(forClientWith: first, isFirst: { _ in }) { first += 1 }
        while port.begin(forClientWith: second, isFirst: { _ in }) { second += 1 }
        #expect(first == 22, "a third of 64")
        #expect(second == 7, "a third of what was left")
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

    @Test("a port that has its share lets others wait, says so once, and takes none of another's")
    func share() async throws {
        // Sixteen places: half of them for a port that is alone.
        let shares = RelayShares(descriptorLimit: 64)
        #expect(shares.streams.ofOnePort == 8)
        let log = LogLines()
        let pair = try pair(.stream, shares: shares, logger: log.logger)
        defer { pair.relays.stop() }
        var clients: [InternetSocket] = []
        for _ in 0..<11 { clients.append(try await connect(pair.place)) }
        for client in clients { try await client.fd.write([1]) }
        var served: [InternetSocket] = []
        for _ in 0..<8 { served.append(try await accept(pair.server)) }
        try await log.until { !$0.isEmpty }
        #expect(try pair.server.acceptNow() == nil)
        let other = try self.pair(.stream, shares: shares, logger: log.logger)
        defer { other.relays.stop() }
        let client = try await connect(other.place)
        let server = try await accept(other.server)
        try await client.fd.write([7])
        #expect(try await server.fd.read(upTo: 10) == [7])
        #expect(shares.descriptorsInUse == 18)
        served = []
        clients[0].fd.with { _ = shutdown($0, CInt(SHUT_RDWR)) }
        _ = try await accept(pair.server)
        #expect(log.lines.count == 1)
        #expect(log.lines.first?.contains("\(pair.place)/tcp") == true)
    }

    @Test("a connection that is idle takes the descriptors of its two sockets")
    func descriptors() async throws {
        let listener = try InternetSocket(.stream)
        try listener.bind(try #require(Self.inner))
        try listener.listen(backlog: 16)
        let place = try listener.localAddress()
        var ends: [(client: InternetSocket, server: InternetSocket)] = []
        for _ in 0..<2 {
            let client = try InternetSocket(.stream)
            try client.connect(place)
            let server = try await accept(listener)
            ends.append((client, server))
        }
        let (first, second) = (ends[0].server, ends[1].server)
        let passing = Task { await (try RelayLoop.shared()).pass(first, second) }
        try await ends[0].client.fd.write([5])
        #expect(try await ends[1].client.fd.read(upTo: 10) == [5])
        for socket in [first, second] { #expect(try copies(of: socket) == 1) }
        ends[0].client.fd.with { _ = shutdown($0, CInt(SHUT_WR)) }
        ends[1].client.fd.with { _ = shutdown($0, CInt(SHUT_WR)) }
        try await passing.value
    }

    /// How many descriptors of this process are the same socket.
    private func copies(of socket: InternetSocket) throws -> Int {
        var own = stat()
        socket.fd.with { _ = fstat($0, &own) }
        return try folderEntries(FilePath("/proc/self/fd")).compactMap { CInt($0) }.count {
            number in
            var other = stat()
            return fstat(number, &other) == 0 && other.st_ino == own.st_ino
                && other.st_dev == own.st_dev
        }
    }

    @Test(
        "a client that is gone after its end gives its place back, though the container is silent"
    )
    func goneClient() async throws {
        let shares = RelayShares(descriptorLimit: 4096)
        let pair = try pair(.stream, shares: shares)
        defer { pair.relays.stop() }
        let client = try await connect(pair.place)
        let served = try await accept(pair.server)
        client.fd.with { _ = shutdown($0, CInt(SHUT_WR)) }
        #expect(try await served.fd.read(upTo: 10).isEmpty)
        #expect(shares.descriptorsInUse == 2)
        // A reset, which is also what the relay's question whether a client is there comes to when its
        // process has ended: to connect to no address at all, connect(2).
        client.fd.with { fd in
            var nothing = sockaddr()
            _ = Glibc.connect(fd, &nothing, socklen_t(MemoryLayout<sockaddr>.size))
        }
        while shares.descriptorsInUse > 0 { await Task.yield() }
        withExtendedLifetime(served) {}
    }

    @Test("a reader that stops for a while gets every byte, and others go on meanwhile")
    func slowReader() async throws {
        let pair = try pair(.stream)
        defer { pair.relays.stop() }
        let slow = try await connect(pair.place)
        let slowServer = try await accept(pair.server)
        let quick = try await connect(pair.place)
        let quickServer = try await accept(pair.server)
        let sent = (0..<9_000_000).map { UInt8(truncatingIfNeeded: $0 &* 17) }
        async let writing: Void = slow.fd.write(sent)
        for turn: UInt8 in 0..<100 {
            try await quick.fd.write([turn])
            #expect(try await quickServer.fd.read(upTo: 10) == [turn])
        }
        var received: [UInt8] = []
        while received.count < sent.count {
            received += try await slowServer.fd.read(upTo: 100_000)
        }
        try await writing
        #expect(received == sent)
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
