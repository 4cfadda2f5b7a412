package import Addresses
import CLinux
import Glibc

/// An IPv4 or IPv6 socket, TCP or UDP, that never blocks. It belongs to the network namespace it was
/// opened in and can be used from anywhere.
package struct InternetSocket: Sendable {
    /// TCP or UDP.
    package enum Kind: Hashable, Sendable { case stream, datagram }

    package let fd: SharedFD

    /// Opens one in the calling thread's network namespace, for addresses of one family.
    package init(_ kind: Kind, family: IPFamily = .v4) throws(SyscallError) {
        let family = family == .v4 ? AF_INET : AF_INET6
        let type = kind == .stream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue
        let flags = SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        fd = SharedFD(taking: try syscall("socket") { socket(family, CInt(type | flags), 0) })
    }

    /// Uses one that does not block.
    package init(_ fd: SharedFD) { self.fd = fd }

    /// bind(2).
    package func bind(_ address: SocketAddress) throws(SyscallError) {
        _ = try call("bind", on: "\(address)") { fd in
            address.withName { Glibc.bind(fd, $0, $1) }
        }
    }

    /// listen(2).
    package func listen(backlog: CInt) throws(SyscallError) {
        _ = try call("listen") { Glibc.listen($0, backlog) }
    }

    /// Connects, or begins to: then the socket becomes writable when it is done, or failed.
    package func connect(_ address: SocketAddress) throws(SyscallError) {
        do throws(SyscallError) {
            _ = try call("connect", on: "\(address)") { fd in
                address.withName { Glibc.connect(fd, $0, $1) }
            }
        } catch  where error.errno == EINPROGRESS {
            return
        }
    }

    /// Throws why a connection that was begun was not made. Call it when the socket is writable.
    package func finishConnecting(to address: SocketAddress) throws(SyscallError) {
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        _ = try call("getsockopt", on: "\(address)") {
            getsockopt($0, SOL_SOCKET, SO_ERROR, &code, &length)
        }
        if code != 0 { throw SyscallError(call: "connect", subject: "\(address)", errno: code) }
    }

    /// What it is bound to.
    package func localAddress() throws(SyscallError) -> SocketAddress {
        var address = SocketAddress(.any, port: 0)
        _ = try call("getsockname") { fd in
            address.fill { getsockname(fd, $0, $1) }
        }
        return address
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
    package func receiveNow() throws(SyscallError) -> (bytes: [UInt8], from: SocketAddress)? {
        var sender = SocketAddress(.any, port: 0)
        var buffer = [UInt8](repeating: 0, count: 65536)
        do throws(SyscallError) {
            let count = try call("recvfrom") { fd in
                sender.fill { recvfrom(fd, &buffer, buffer.count, 0, $0, $1) }
            }
            return (Array(buffer.prefix(count)), sender)
        } catch  where error.errno == EAGAIN {
            return nil
        }
    }

    /// Sends a datagram; false when there is no room for it now.
    @discardableResult
    package func sendNow(_ bytes: [UInt8], to address: SocketAddress) throws(SyscallError) -> Bool {
        do throws(SyscallError) {
            _ = try call("sendto", on: "\(address)") { fd in
                address.withName { sendto(fd, bytes, bytes.count, CInt(MSG_NOSIGNAL), $0, $1) }
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
