import Addresses
import CLinux
import Glibc
import Linux
import Testing

@testable import ContainerNetwork

/// A server that answers everybody with the address it sees them at, until it ends.
final class Greeter: Sendable {
    private let task: Task<Void, Never>

    /// Listens on every address of a namespace, at the port over both protocols.
    convenience init(
        in netns: SharedFD,
        port: UInt16,
        at address: IPv4Address = .any,
        greeting: String? = nil
    ) async throws {
        let (tcp, udp) = try await NamespaceThread.run(in: netns) {
            let name = SocketAddress(address, port: port)
            let tcp = try InternetSocket(.stream)
            try tcp.bind(name)
            try tcp.listen(backlog: 16)
            let udp = try InternetSocket(.datagram)
            try udp.bind(name)
            return (tcp.fd, udp.fd)
        }
        self.init(tcp: tcp, udp: udp, greeting: greeting)
    }

    /// Serves on sockets that are there.
    init(tcp: SharedFD, udp: SharedFD, greeting: String? = nil) {
        // Cancelled by `deinit`.
        task = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await Self.serveTCP(tcp, greeting) }
                group.addTask { await Self.serveUDP(udp, greeting) }
            }
        }
    }

    deinit { task.cancel() }

    private static func serveTCP(_ fd: SharedFD, _ greeting: String?) async {
        while (try? await Readiness.readable(fd)) != nil {
            var name = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let number = fd.with { fd in
                pointer(&name) { accept(fd, $0, &length) }
            }
            guard number >= 0 else { continue }
            let text = greeting ?? seen(name)
            _ = text.withCString { write(number, $0, strlen($0)) }
            close(number)
        }
    }

    private static func serveUDP(_ fd: SharedFD, _ greeting: String?) async {
        while (try? await Readiness.readable(fd)) != nil {
            var name = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            var buffer = [UInt8](repeating: 0, count: 16)
            fd.with { fd in
                let count = pointer(&name) { recvfrom(fd, &buffer, buffer.count, 0, $0, &length) }
                guard count >= 0 else { return }
                let text = greeting ?? seen(name)
                _ = text.withCString { words in
                    pointer(&name) { sendto(fd, words, strlen(words), 0, $0, length) }
                }
            }
        }
    }

    private static func seen(_ name: sockaddr_in) -> String {
        IPv4Address(UInt32(bigEndian: name.sin_addr.s_addr)).description
    }
}

/// What came of talking to an address.
enum Talk: Equatable {
    /// The server answered; the address it saw.
    case answered(String)
    case refused
    case nothing

    /// Says something to a port from inside a namespace and waits a moment for the answer.
    static func from(
        _ netns: SharedFD,
        to address: IPv4Address,
        _ port: UInt16,
        _ transport: TransportProtocol = .tcp,
        patience: Duration = .milliseconds(250)
    ) async throws -> Talk {
        let fd = try await NamespaceThread.run(in: netns) {
            let fd = try InternetSocket(transport == .tcp ? .stream : .datagram).fd
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            name.sin_addr.s_addr = address.number.bigEndian
            let result = fd.with { fd in
                pointer(&name) { connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
            }
            if result < 0, errno != EINPROGRESS {
                throw SyscallError(call: "connect", subject: "\(address)", errno: errno)
            }
            if transport == .udp { fd.with { _ = send($0, "?", 1, 0) } }
            return fd
        }
        let talk = await withTaskGroup(of: Talk?.self) { group in
            group.addTask { await listen(fd, transport) }
            group.addTask {
                // `try?`: cancelled when the other was first.
                try? await Task.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        return talk ?? .nothing
    }

    private static func listen(_ fd: SharedFD, _ transport: TransportProtocol) async -> Talk? {
        do {
            if transport == .tcp { try await Readiness.writable(fd) }
            while true {
                try await Readiness.readable(fd)
                var buffer = [UInt8](repeating: 0, count: 64)
                let (count, code) = fd.with { fd in
                    let count = recv(fd, &buffer, buffer.count, 0)
                    return (count, errno)
                }
                if count > 0 {
                    return .answered(String(decoding: buffer.prefix(count), as: UTF8.self))
                }
                if count < 0, code == EAGAIN { continue }
                return count < 0 && code == ECONNREFUSED ? .refused : .nothing
            }
        } catch {
            return nil
        }
    }
}

private func pointer<R>(
    _ name: inout sockaddr_in,
    _ body: (UnsafeMutablePointer<sockaddr>) -> R
) -> R {
    withUnsafeMutablePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
}
