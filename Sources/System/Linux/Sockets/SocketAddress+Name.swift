import Addresses
import Glibc

extension SocketAddress {
    /// Lends the address as the kernel's calls take it: ip(7), ipv6(7).
    func withName<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        switch address {
        case .v4(let address):
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_port = port.bigEndian
            name.sin_addr.s_addr = address.number.bigEndian
            return Self.lend(&name, body)
        case .v6(let address):
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &name.sin6_addr) { $0.copyBytes(from: address.bytes) }
            return Self.lend(&name, body)
        }
    }

    private static func lend<Name, R>(
        _ name: inout Name,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Name>.size))
            }
        }
    }

    /// Takes the address that a call of the kernel fills in. One of another family than IPv4 or
    /// IPv6, which no socket of this room has, reads as 0.0.0.0, port 0.
    mutating func fill<R>(
        by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> R
    ) -> R {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
        }
        self = SocketAddress(storage)
        return result
    }

    private init(_ storage: sockaddr_storage) {
        self = withUnsafeBytes(of: storage) { bytes in
            switch CInt(storage.ss_family) {
            case AF_INET6:
                let name = bytes.loadUnaligned(as: sockaddr_in6.self)
                let address = withUnsafeBytes(of: name.sin6_addr) { IPv6Address(bytes: Array($0)) }
                return SocketAddress(
                    .v6(address ?? .any),
                    port: UInt16(bigEndian: name.sin6_port)
                )
            case AF_INET:
                let name = bytes.loadUnaligned(as: sockaddr_in.self)
                let address = IPv4Address(UInt32(bigEndian: name.sin_addr.s_addr))
                return SocketAddress(address, port: UInt16(bigEndian: name.sin_port))
            default: return SocketAddress(.any, port: 0)
            }
        }
    }
}
