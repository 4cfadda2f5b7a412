package import Addresses
import CLinux
import Glibc

/// The addresses of a host by its name, as this machine's resolver knows them.
package enum HostAddresses {
    /// In the order of preference; empty for a name that is not known. Blocks for as long as the
    /// resolver does: getaddrinfo(3).
    package static func of(_ name: String) -> [IPAddress] {
        if let address = IPAddress(name) { return [address] }
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let name = info.ai_addr, let address = address(in: name) { found.append(address) }
            entry = info.ai_next
        }
        return found
    }

    private static func address(in name: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        let raw = UnsafeRawPointer(name)
        switch CInt(name.pointee.sa_family) {
        case AF_INET:
            let address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
            return .v4(IPv4Address(UInt32(bigEndian: address.s_addr)))
        case AF_INET6:
            let address = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return withUnsafeBytes(of: address) { IPAddress(bytes: Array($0)) }
        default: return nil
        }
    }
}
