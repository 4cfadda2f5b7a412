package import Addresses
import DNS
import Linux

/// Whom to ask for names that are not ours, and how patiently: resolv.conf(5).
package struct UpstreamServers: Sendable {
    package var addresses: [SocketAddress]
    /// For each attempt.
    package var patience: Duration
    /// How often each server is asked.
    package var rounds: Int

    package init(_ addresses: [SocketAddress], patience: Duration = .seconds(5), rounds: Int = 2) {
        self.addresses = addresses
        self.patience = patience
        self.rounds = rounds
    }
}

/// One attempt at one upstream server.
struct UpstreamQuestion: Sendable {
    let attempt: Int
    let message: [UInt8]
    let server: SocketAddress
    let transport: Transport

    /// Sends it from a new socket, whose port the kernel chooses at random, and listens for what
    /// the query believes.
    func ask(_ query: ForwardedQuery) async throws -> ForwardedQuery.Event {
        let socket = try InternetSocket(
            transport == .udp ? .datagram : .stream,
            family: server.address.family
        )
        // Connected, so that only the server's datagrams arrive and its absence is noticed.
        try socket.connect(server)
        try await Readiness.writable(socket.fd)
        try await socket.fd.write(transport == .udp ? message : StreamFrames.frame(message))
        var frames = StreamFrames()
        while true {
            let bytes = try await socket.fd.read(upTo: 65536)
            guard transport == .tcp else {
                if query.accepts(bytes, attempt: attempt) {
                    return .received(attempt: attempt, bytes)
                }
                continue
            }
            if bytes.isEmpty { return .failed(attempt: attempt) }
            frames.receive(bytes)
            while let message = frames.next() {
                if query.accepts(message, attempt: attempt) {
                    return .received(attempt: attempt, message)
                }
            }
        }
    }
}
