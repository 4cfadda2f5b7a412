import CLinux
import Glibc

/// An IPv4 address and a port.
package struct InternetAddress: Hashable, Sendable {
    /// The address as a number; the first octet is the most significant.
    package var number: UInt32
    package var port: UInt16

    package init(_ number: UInt32, port: UInt16) {
        self.number = number
        self.port = port
    }

    /// Takes four decimal numbers with dots between (inet_pton(3)); nil for anything else.
    package init?(_ text: String, port: UInt16) {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        self.init(UInt32(bigEndian: address.s_addr), port: port)
    }

    init(_ name: sockaddr_in) {
        self.init(UInt32(bigEndian: name.sin_addr.s_addr), port: UInt16(bigEndian: name.sin_port))
    }

    var name: sockaddr_in {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = number.bigEndian
        return name
    }
}

extension InternetAddress: CustomStringConvertible {
    package var description: String {
        let octets = [24, 16, 8, 0].map { String(UInt8(truncatingIfNeeded: number >> $0)) }
        return octets.joined(separator: ".") + ":\(port)"
    }
}

/// An IPv4 socket, TCP or UDP, that never blocks. It belongs to the network namespace it was
/// opened in and can be used from anywhere.
package struct InternetSocket: Sendable {
    package enum Kind: Hashable, Sendable { case stream, datagram }

    package let fd: SharedFD

    /// Opens one in the calling thread's network namespace.
    package init(_ kind: Kind) throws(SyscallError) {
        let type = kind == .stream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue
        let flags = SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        fd = SharedFD(taking: try syscall("socket") { socket(AF_INET, CInt(type | flags), 0) })
    }

    /// Uses one that does not block.
    package init(_ fd: SharedFD) { self.fd = fd }

    package func bind(_ address: InternetAddress) throws(SyscallError) {
        var name = address.name
        _ = try call("bind", on: "\(address)") { fd in
            withPointer(&name) { Glibc.bind(fd, $0, nameLength) }
        }
    }

    package func listen(backlog: CInt) throws(SyscallError) {
        _ = try call("listen") { Glibc.listen($0, backlog) }
    }

    /// Connects, or begins to: then the socket becomes writable when it is done, or failed.
    package func connect(_ address: InternetAddress) throws(SyscallError) {
        var name = address.name
        do throws(SyscallError) {
            _ = try call("connect", on: "\(address)") { fd in
                withPointer(&name) { Glibc.connect(fd, $0, nameLength) }
            }
        } catch  where error.errno == EINPROGRESS {
            return
        }
    }

    /// What it is bound to.
    package func localAddress() throws(SyscallError) -> InternetAddress {
        var name = sockaddr_in()
        var length = nameLength
        _ = try call("getsockname") { fd in
            withPointer(&name) { getsockname(fd, $0, &length) }
        }
        return InternetAddress(name)
    }

    /// The next connection; nil when none is waiting.
    package func acceptNow() throws(SyscallError) -> InternetSocket? {
        let flags = CInt(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        do throws(SyscallError) {
            let number = try call("accept") { berth_accept4($0, flags) }
            return InternetSocket(SharedFD(taking: number))
        } catch  where error.errno == EAGAIN || error.errno == ECONNABORTED {
            return nil
        }
    }

    /// The next datagram and its sender; nil when none is waiting.
    package func receiveNow() throws(SyscallError) -> (bytes: [UInt8], from: InternetAddress)? {
        var name = sockaddr_in()
        var length = nameLength
        var buffer = [UInt8](repeating: 0, count: 65536)
        do throws(SyscallError) {
            let count = try call("recvfrom") { fd in
                withPointer(&name) { recvfrom(fd, &buffer, buffer.count, 0, $0, &length) }
            }
            return (Array(buffer.prefix(count)), InternetAddress(name))
        } catch  where error.errno == EAGAIN {
            return nil
        }
    }

    /// Sends a datagram; false when there is no room for it now.
    @discardableResult
    package func sendNow(
        _ bytes: [UInt8],
        to address: InternetAddress
    ) throws(SyscallError) -> Bool {
        var name = address.name
        do throws(SyscallError) {
            _ = try call("sendto", on: "\(address)") { fd in
                withPointer(&name) {
                    sendto(fd, bytes, bytes.count, CInt(MSG_NOSIGNAL), $0, nameLength)
                }
            }
            return true
        } catch  where error.errno == EAGAIN || error.errno == ENOBUFS {
            return false
        }
    }

    private func call<R: FixedWidthInteger & SignedInteger>(
        _ name: String,
        on subject: @autoclosure () -> String = "",
        _ body: (CInt) -> R
    ) throws(SyscallError) -> R {
        try fd.with { (fd: CInt) throws(SyscallError) in
            try syscall(name, on: subject()) { body(fd) }
        }
    }
}

private let nameLength = socklen_t(MemoryLayout<sockaddr_in>.size)

private func withPointer<R>(
    _ name: inout sockaddr_in,
    _ body: (UnsafeMutablePointer<sockaddr>) -> R
) -> R {
    withUnsafeMutablePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
}
