import Addresses
import ContainerRuntime
import Glibc
import Linux
import SystemPackage

/// A connection to a log server.
struct LogSink: Sendable {
    private let socket: SharedFD
    /// Each message is one packet.
    let isDatagram: Bool

    /// Connects, within a few seconds.
    ///
    /// - Throws: `SyscallError`, `SupervisorError` for a name that is not known.
    static func connect(_ address: LogDelivery.Address) async throws -> LogSink {
        switch address {
        case .unix(let path): LogSink(try UnixConnection.socket(to: FilePath(path)), false)
        case .unixgram(let path):
            LogSink(try UnixConnection.socket(to: FilePath(path), isDatagram: true), true)
        case .tcp(let host, let port):
            try await first(of: addresses(of: host, port)) { try await internet(.stream, $0) }
        case .udp(let host, let port):
            try await first(of: addresses(of: host, port)) { try await internet(.datagram, $0) }
        }
    }

    /// The machine's own syslog, as syslog(3) looks for it.
    static func localSyslog() async throws -> LogSink {
        let path = "/dev/log"
        do { return try await connect(.unixgram(path)) } catch {
            return try await connect(.unix(path))
        }
    }

    private init(_ socket: SharedFD, _ isDatagram: Bool) {
        self.socket = socket
        self.isDatagram = isDatagram
    }

    private static let patience: Duration = .seconds(5)

    private static func internet(
        _ kind: InternetSocket.Kind,
        _ address: SocketAddress
    ) async throws -> LogSink {
        let socket = try InternetSocket(kind, family: address.address.family)
        try socket.connect(address)
        if kind == .stream {
            let isThere = await within(patience) {
                try await Readiness.writable(socket.fd)
                return true
            }
            guard isThere == true else {
                throw SyscallError(call: "connect", subject: "\(address)", errno: ETIMEDOUT)
            }
            try socket.finishConnecting(to: address)
        }
        return LogSink(socket.fd, kind == .datagram)
    }

    private static func first(
        of addresses: [SocketAddress],
        _ connect: (SocketAddress) async throws -> LogSink
    ) async throws -> LogSink {
        var failure: (any Error)?
        for address in addresses {
            do { return try await connect(address) } catch { failure = failure ?? error }
        }
        throw failure ?? SyscallError(call: "connect", subject: "", errno: EHOSTUNREACH)
    }

    private static func addresses(of host: String, _ port: UInt16) async throws(SupervisorError)
        -> [SocketAddress]
    {
        let found = await blocking { HostAddresses.of(host) }
        guard !found.isEmpty else {
            throw SupervisorError(.startFailed, "the name \(host) is not known here")
        }
        return found.map { SocketAddress($0, port: port) }
    }

    /// Sends messages, each whole. A connection that the server has ended is found before.
    func send(_ messages: [[UInt8]]) async throws {
        guard isDatagram else {
            try throwIfEnded()
            return try await socket.write(Array(messages.joined()))
        }
        for message in messages { try await socket.write(message) }
    }

    private func throwIfEnded() throws(SyscallError) {
        var byte: UInt8 = 0
        let flags = CInt(MSG_PEEK) | CInt(MSG_DONTWAIT)
        let count = socket.with { recv($0, &byte, 1, flags) }
        if count == 0 { throw SyscallError(call: "send", subject: "", errno: ECONNRESET) }
    }
}
