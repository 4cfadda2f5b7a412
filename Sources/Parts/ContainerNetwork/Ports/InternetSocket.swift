import CLinux
import Glibc
import Linux

/// An IPv4 socket that does not block, and its address.
enum InternetSocket {
    static func open(_ transport: TransportProtocol) throws(SyscallError) -> SharedFD {
        let kind = transport == .tcp ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue
        let flags = SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        return SharedFD(
            taking: try syscall("socket") { socket(AF_INET, CInt(kind | flags), 0) }
        )
    }

    static func bind(
        _ fd: SharedFD,
        _ address: IPv4Address,
        _ port: UInt16
    ) throws(SyscallError) {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = address.number.bigEndian
        try fd.with { (number: CInt) throws(SyscallError) in
            _ = try syscall("bind", on: "\(address):\(port)") {
                withSocketAddress(&name) {
                    Glibc.bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }

    static func listen(_ fd: SharedFD, backlog: CInt) throws(SyscallError) {
        try fd.with { (number: CInt) throws(SyscallError) in
            _ = try syscall("listen") { Glibc.listen(number, backlog) }
        }
    }

    /// The port it is bound to.
    static func port(of fd: SharedFD) throws(SyscallError) -> UInt16 {
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try fd.with { (number: CInt) throws(SyscallError) in
            _ = try syscall("getsockname") {
                withSocketAddress(&name) { getsockname(number, $0, &length) }
            }
        }
        return UInt16(bigEndian: name.sin_port)
    }

    private static func withSocketAddress<R>(
        _ name: inout sockaddr_in,
        _ body: (UnsafeMutablePointer<sockaddr>) -> R
    ) -> R {
        withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
