import Addresses
import CLinux
import Glibc
import Linux

/// A port of the host that is ours as long as the descriptor lives.
///
/// The socket receives nothing: packets are led to the container before they get here. Should the
/// firewall be gone for a moment, what arrives is dropped unanswered, so that a client tries again
/// and finds the container when the firewall is repaired, instead of an empty room: `Conntrack` forgets
/// then that it was led here.
///
/// One that is served is an ordinary socket instead: whoever asked for it takes what comes.
struct HeldPort: Sendable {
    let fd: SharedFD
    let port: UInt16

    init(
        _ address: IPAddress,
        _ port: UInt16,
        _ transport: TransportProtocol,
        isServed: Bool = false
    ) throws(NetworkError) {
        do throws(SyscallError) {
            try self.init(binding: address, port, transport, isServed)
        } catch {
            throw Self.explain(error, address, port, transport)
        }
    }

    /// nil when somebody has the port.
    init?(
        unlessInUse address: IPAddress,
        _ port: UInt16,
        _ transport: TransportProtocol,
        isServed: Bool = false
    ) throws(NetworkError) {
        do throws(SyscallError) {
            try self.init(binding: address, port, transport, isServed)
        } catch {
            guard error.errno != EADDRINUSE else { return nil }
            throw Self.explain(error, address, port, transport)
        }
    }

    private init(
        binding address: IPAddress,
        _ port: UInt16,
        _ transport: TransportProtocol,
        _ isServed: Bool
    ) throws(SyscallError) {
        let socket = try InternetSocket(
            transport == .tcp ? .stream : .datagram,
            family: address.family
        )
        fd = socket.fd
        if !isServed { try Self.receiveNothing(fd) }
        if transport == .tcp {
            // Connections of a former holder may be waiting for their end (TIME_WAIT); listening
            // below makes the port exclusive all the same.
            try Self.set(fd, SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR")
        }
        // The port of IPv4 is another one.
        if address.family == .v6 { try Self.set(fd, IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY") }
        try socket.bind(SocketAddress(address, port: port))
        if transport == .tcp { try socket.listen(backlog: isServed ? SOMAXCONN : 0) }
        self.port = try socket.localAddress().port
    }

    /// A filter program of one instruction: accept no byte. socket(7), `SO_ATTACH_FILTER`.
    private static func receiveNothing(_ fd: SharedFD) throws(SyscallError) {
        var refuse = sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0)
        try withUnsafeMutablePointer(to: &refuse) { (instruction) throws(SyscallError) in
            var program = sock_fprog(len: 1, filter: instruction)
            try fd.with { (number: CInt) throws(SyscallError) in
                _ = try syscall("setsockopt", on: "SO_ATTACH_FILTER") {
                    setsockopt(
                        number,
                        SOL_SOCKET,
                        SO_ATTACH_FILTER,
                        &program,
                        socklen_t(MemoryLayout<sock_fprog>.size)
                    )
                }
            }
        }
    }

    private static func set(
        _ fd: SharedFD,
        _ level: some BinaryInteger,
        _ option: CInt,
        _ name: String
    ) throws(SyscallError) {
        var yes: CInt = 1
        try fd.with { (number: CInt) throws(SyscallError) in
            _ = try syscall("setsockopt", on: name) {
                setsockopt(
                    number,
                    CInt(level),
                    option,
                    &yes,
                    socklen_t(MemoryLayout<CInt>.size)
                )
            }
        }
    }

    private static func explain(
        _ error: SyscallError,
        _ address: IPAddress,
        _ port: UInt16,
        _ transport: TransportProtocol
    ) -> NetworkError {
        let isUsual = address == .v4(.any)
        let place = isUsual ? "\(port)" : "\(SocketAddress(address, port: port))"
        var failure = NetworkError(action: "publish \(place)/\(transport.rawValue)", error)
        switch error.errno {
        case EADDRINUSE:
            failure.reason = "address already in use"
            guard let holder = PortHolder.find(address, port, transport) else { break }
            failure.reason += " by \(holder)"
            failure.hint = "stop it, or publish another port"
        case EADDRNOTAVAIL:
            failure.reason = "the host has no address \(address)"
        case EACCES:
            failure.reason = "ports below 1024 need root"
        default: break
        }
        return failure
    }
}
