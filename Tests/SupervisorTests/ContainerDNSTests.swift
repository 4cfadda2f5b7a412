import Addresses
import DNS
import Glibc
import Linux
import Synchronization
import Testing

@testable import Supervisor

/// The server on real sockets of the loopback: neither root nor a container is needed.
@Suite("a container's name server", .timeLimit(.minutes(1)))
struct ContainerDNSTests {
    @Test("answers names of the zone over UDP and TCP")
    func zone() async throws {
        let server = try TestServer()
        defer { server.stop() }
        for transport in [Transport.udp, .tcp] {
            let reply = try await server.ask("web", over: transport)
            #expect(reply.answers.map(\.data) == [[172, 20, 0, 2]])
        }
    }

    @Test("asks the upstream server for other names")
    func forwarding() async throws {
        let upstream = try TestUpstream(code: .noError)
        let server = try TestServer(upstream: [upstream.address])
        defer { server.stop() }
        for transport in [Transport.udp, .tcp] {
            let reply = try await server.ask("example.com", over: transport)
            #expect(reply.header.id == 0x1234)
            #expect(reply.answers.map(\.data) == [[192, 0, 2, 80]])
        }
    }

    @Test("passes over servers that are not there or refuse")
    func otherServers() async throws {
        let absent = try InternetSocket(.datagram)
        try absent.bind(loopback)
        let gone = try absent.localAddress()
        let refusing = try TestUpstream(code: .refused)
        let good = try TestUpstream(code: .noError)
        let server = try TestServer(upstream: [
            SocketAddress(gone.address, port: 9), refusing.address, good.address,
        ])
        defer { server.stop() }
        let reply = try await server.ask("example.com", over: .udp)
        #expect(reply.header.flags.code == .noError)
    }

    @Test("does not wait for a server that is silent when there is another")
    func silentServer() async throws {
        let silent = try InternetSocket(.datagram)
        try silent.bind(loopback)
        let good = try TestUpstream(code: .noError)
        let server = try TestServer(upstream: [try silent.localAddress(), good.address])
        defer { server.stop() }
        let reply = try await server.ask("example.com", over: .udp)
        #expect(reply.answers.map(\.data) == [[192, 0, 2, 80]])
    }

    /// The other one is where systemd-resolved has its stub, but for the port: on the host's loopback,
    /// and not on the container's.
    @Test(
        "asks servers by IPv6, and one that listens on loopback alone",
        arguments: ["127.0.0.53"] + (loopbackHasIPv6 ? ["::1"] : [])
    )
    func servers(address: String) async throws {
        let upstream = try TestUpstream(
            code: .noError,
            at: try #require(SocketAddress(address, port: 0))
        )
        let server = try TestServer(upstream: [upstream.address])
        defer { server.stop() }
        for transport in [Transport.udp, .tcp] {
            let reply = try await server.ask("example.com", over: transport)
            #expect(reply.answers.map(\.data) == [[192, 0, 2, 80]])
        }
        #expect(upstream.queries == 2)
    }

    @Test("passes on that an answer was cut, and asks by TCP who does")
    func cutAnswer() async throws {
        let upstream = try TestUpstream(code: .noError, cutsDatagrams: true)
        let server = try TestServer(upstream: [upstream.address])
        defer { server.stop() }
        let short = try await server.ask("example.com", over: .udp)
        #expect(short.header.flags.contains(.truncated) && short.answers.isEmpty)
        let whole = try await server.ask("example.com", over: .tcp)
        #expect(!whole.header.flags.contains(.truncated))
        #expect(whole.answers.map(\.data) == [[192, 0, 2, 80]])
    }

    @Test("follows servers that change while it serves")
    func changedServers() async throws {
        let refusing = try TestUpstream(code: .refused)
        let good = try TestUpstream(code: .noError)
        let servers = Mutex([refusing.address])
        let server = try TestServer { servers.withLock(\.self) }
        defer { server.stop() }
        let before = try await server.ask("example.com", over: .udp)
        #expect(before.header.flags.code != .noError)
        servers.withLock { $0 = [good.address] }
        let after = try await server.ask("example.com", over: .udp)
        #expect(after.header.flags.code == .noError)
    }

    @Test("sends nothing away for containers of internal networks")
    func noLeak() async throws {
        let upstream = try TestUpstream(code: .noError)
        let server = try TestServer(upstream: [upstream.address], allowForwarding: false)
        defer { server.stop() }
        let reply = try await server.ask("example.com", over: .udp)
        #expect(reply.header.flags.code == .noSuchName)
        #expect(upstream.queries == 0)
    }

    @Test("goes on after nonsense on both sockets")
    func nonsense() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let noisy = try InternetSocket(.datagram)
        for bytes: [UInt8] in [[], [1], Array(repeating: 0xff, count: 600)] {
            try noisy.sendNow(bytes, to: server.udp)
        }
        // Half a message, then the end, as in CVE-2026-35406.
        for _ in 0..<3 {
            let half = try InternetSocket(.stream)
            try half.connect(server.tcp)
            try await Readiness.writable(half.fd)
            try await half.fd.write([0, 40, 1, 2, 3])
        }
        let reply = try await server.ask("web", over: .tcp)
        #expect(reply.answers.count == 1)
    }

    @Test("a flood of questions for names of ours is answered, every one of them")
    func flood() async throws {
        let server = try TestServer()
        defer { server.stop() }
        for _ in 0..<3000 { #expect(try await server.ask("web", over: .udp).answers.count == 1) }
    }

    @Test("what would be too much for upstream servers fails at once", .timeLimit(.minutes(1)))
    func tooMuchForwarding() async throws {
        // Nobody answers there.
        let silent = try InternetSocket(.datagram)
        try silent.bind(loopback)
        let server = try TestServer(upstream: [try silent.localAddress()])
        defer { server.stop() }
        let asker = try InternetSocket(.datagram)
        try asker.connect(server.udp)
        try await Readiness.writable(asker.fd)
        for _ in 0..<300 { try await asker.fd.write(TestServer.query("example.com")) }
        let reply = try Message(parsing: try await asker.fd.read(upTo: 65536))
        #expect(reply.header.flags.code == .serverFailure)
        #expect(try await server.ask("web", over: .udp).answers.count == 1)
    }

    @Test("several questions may follow each other on one connection")
    func pipelined() async throws {
        let server = try TestServer()
        defer { server.stop() }
        let connection = try InternetSocket(.stream)
        try connection.connect(server.tcp)
        try await Readiness.writable(connection.fd)
        let question = StreamFrames.frame(TestServer.query("web"))
        try await connection.fd.write(question + question + question)
        var frames = StreamFrames()
        for _ in 0..<3 {
            var message = frames.next()
            while message == nil {
                let bytes = try await connection.fd.read(upTo: 4096)
                try #require(!bytes.isEmpty)
                frames.receive(bytes)
                message = frames.next()
            }
        }
    }
}

private let loopback = SocketAddress(IPv4Address(127 << 24 | 1), port: 0)

private let loopbackHasIPv6: Bool = {
    guard let place = SocketAddress("::1", port: 0),
        let socket = try? InternetSocket(.stream, family: .v6)
    else { return false }
    return (try? socket.bind(place)) != nil
}()

/// A container's name server with one name, at ports of the loopback.
private struct TestServer {
    let udp: SocketAddress
    let tcp: SocketAddress
    private let task: Task<Void, Never>

    init(upstream: [SocketAddress] = [], allowForwarding: Bool = true) throws {
        try self.init(allowForwarding: allowForwarding) { upstream }
    }

    init(
        allowForwarding: Bool = true,
        upstream: @escaping @Sendable () -> [SocketAddress]
    ) throws {
        let datagrams = try InternetSocket(.datagram)
        let connections = try InternetSocket(.stream)
        try datagrams.bind(loopback)
        try connections.bind(loopback)
        try connections.listen(backlog: 16)
        udp = try datagrams.localAddress()
        tcp = try connections.localAddress()
        var zone = Zone()
        zone.add("web", .v4(IPv4Address(0xac14_0002)))
        zone.isSealed = !allowForwarding
        let server = ContainerDNS(
            udp: datagrams.fd,
            tcp: connections.fd,
            upstream: { UpstreamServers(upstream()) },
            zone: { [zone] in zone }
        )
        // Cancelled by `stop`.
        task = Task { await server.serve() }
    }

    func stop() { task.cancel() }

    static func query(_ name: String) -> [UInt8] {
        var message = Message(header: .init(id: 0x1234, flags: .recursionDesired))
        message.questions = DomainName(name).map { [.init(name: $0, type: .address)] } ?? []
        return message.encoded
    }

    func ask(_ name: String, over transport: Transport) async throws -> Message {
        let socket = try InternetSocket(transport == .udp ? .datagram : .stream)
        try socket.connect(transport == .udp ? udp : tcp)
        try await Readiness.writable(socket.fd)
        let query = Self.query(name)
        try await socket.fd.write(transport == .udp ? query : StreamFrames.frame(query))
        var frames = StreamFrames()
        while true {
            let bytes = try await socket.fd.read(upTo: 65536)
            try #require(!bytes.isEmpty)
            if transport == .udp { return try Message(parsing: bytes) }
            frames.receive(bytes)
            if let message = frames.next() { return try Message(parsing: message) }
        }
    }
}

/// An upstream server that answers every query alike, over both protocols at one port.
private final class TestUpstream: Sendable {
    let address: SocketAddress
    private let task: Task<Void, Never>
    private let count = Counter()

    var queries: Int { count.value }

    /// `cutsDatagrams`: what comes by UDP is answered without its answers.
    init(
        code: Message.ResponseCode,
        at place: SocketAddress = loopback,
        cutsDatagrams: Bool = false
    ) throws {
        let (datagrams, connections) = try Self.sockets(at: place)
        address = try datagrams.localAddress()
        try connections.listen(backlog: 16)
        // Cancelled by `deinit`.
        task = Task { [count] in
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await Self.serve(datagrams, code, count, cuts: cutsDatagrams) }
                group.addTask { await Self.accept(connections, code, count) }
            }
        }
    }

    deinit { task.cancel() }

    /// Two at one port, which the kernel chooses for the first: somebody else may have it of the other kind.
    private static func sockets(
        at place: SocketAddress
    ) throws -> (datagrams: InternetSocket, connections: InternetSocket) {
        while true {
            let datagrams = try InternetSocket(.datagram, family: place.address.family)
            try datagrams.bind(place)
            let connections = try InternetSocket(.stream, family: place.address.family)
            do throws(SyscallError) {
                try connections.bind(try datagrams.localAddress())
                return (datagrams, connections)
            } catch {
                guard error.errno == EADDRINUSE else { throw error }
            }
        }
    }

    private static func serve(
        _ socket: InternetSocket,
        _ code: Message.ResponseCode,
        _ count: Counter,
        cuts: Bool
    ) async {
        while (try? await Readiness.readable(socket.fd)) != nil {
            guard let (bytes, sender) = try? socket.receiveNow() else { continue }
            count.increment()
            guard let reply = try? reply(to: bytes, code, cuts: cuts) else { continue }
            _ = try? socket.sendNow(reply, to: sender)
        }
    }

    private static func accept(
        _ socket: InternetSocket,
        _ code: Message.ResponseCode,
        _ count: Counter
    ) async {
        while (try? await Readiness.readable(socket.fd)) != nil {
            guard let connection = try? socket.acceptNow() else { continue }
            var frames = StreamFrames()
            while let bytes = try? await connection.fd.read(upTo: 4096), !bytes.isEmpty {
                frames.receive(bytes)
                guard let message = frames.next() else { continue }
                count.increment()
                guard let reply = try? reply(to: message, code) else { break }
                try? await connection.fd.write(StreamFrames.frame(reply))
                break
            }
        }
    }

    private static func reply(
        to query: [UInt8],
        _ code: Message.ResponseCode,
        cuts: Bool = false
    ) throws -> [UInt8] {
        var message = try Message(parsing: query)
        message.header.flags.insert(.response)
        message.header.flags.code = code
        if cuts {
            message.header.flags.insert(.truncated)
        } else if code == .noError {
            message.answers = [
                .init(
                    name: message.questions[0].name,
                    type: .address,
                    timeToLive: 60,
                    data: [192, 0, 2, 80]
                )
            ]
        }
        return message.encoded
    }
}
