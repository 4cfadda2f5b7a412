import Addresses
import CLinux
import Glibc
import Linux
import Testing
import TestSupport

@testable import ContainerNetwork

@Suite("IPv6", .tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct IPv6Tests {
    /// A container that may change its network, and a bridge that somebody gave an address.
    @Test("what a container sends with it does not reach the host, until the firewall is gone")
    func container() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        let web = try await machine.container(
            String(repeating: "a", count: 64),
            on: [(shop, address("172.20.0.2"))],
            administersNetwork: true
        )
        let bridge = shop.bridgeName
        try await enable("fd00::1", on: bridge, in: machine.host)
        try await enable("fd00::2", on: "eth0", in: web)
        let listener = try await socket(in: machine.host)
        let place = try socketAddress("::", port: 4000)
        try await NamespaceThread.run(in: machine.host) { try bind(listener, to: place) }

        let sender = try await socket(in: web)
        try send("by IPv6", to: socketAddress("fd00::1", port: 4000), by: sender)
        try send("by IPv4", to: socketAddress("::ffff:172.20.0.1", port: 4000), by: sender)
        #expect(try await receive(by: listener) == "by IPv4")

        try await machine.changeFirewall([NFTables.delete(table: HostTable.name)])
        try send("by IPv6 again", to: socketAddress("fd00::1", port: 4000), by: sender)
        // What the neighbour could not be asked for before comes with it.
        let next = try await receive(by: listener)
        #expect(next.hasPrefix("by IPv6"))
    }

    private func enable(_ text: String, on link: String, in netns: SharedFD) async throws {
        let address = try #require(IPv6Address(text))
        try await NamespaceThread.run(in: netns) {
            try Sysctl.write("0", to: "ipv6/conf/\(link)/disable_ipv6")
            var route = try NetlinkSocket(.route)
            let index = try route.link(link).index
            try route.perform([Requests.addIPv6(address, link: index)])
        }
    }

    private func socket(in netns: SharedFD) async throws -> SharedFD {
        try await NamespaceThread.run(in: netns) {
            let number = try syscall("socket") {
                Glibc.socket(AF_INET6, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            }
            return SharedFD(OwnedFD(taking: number))
        }
    }

    private func socketAddress(_ text: String, port: UInt16) throws -> sockaddr_in6 {
        let address = try #require(IPv6Address(text))
        var place = sockaddr_in6()
        place.sin6_family = sa_family_t(AF_INET6)
        place.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &place.sin6_addr) { $0.copyBytes(from: address.bytes) }
        return place
    }

    private func bind(_ socket: SharedFD, to place: sockaddr_in6) throws {
        try withUnsafeBytes(of: place) { bytes in
            try socket.with { number throws(SyscallError) in
                _ = try syscall("bind") {
                    Glibc.bind(
                        number,
                        bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                        socklen_t(bytes.count)
                    )
                }
            }
        }
    }

    private func send(_ text: String, to place: sockaddr_in6, by socket: SharedFD) throws {
        try withUnsafeBytes(of: place) { bytes in
            try socket.with { number throws(SyscallError) in
                _ = try syscall("sendto") {
                    CInt(
                        sendto(
                            number,
                            text,
                            text.utf8.count,
                            0,
                            bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                            socklen_t(bytes.count)
                        )
                    )
                }
            }
        }
    }

    private func receive(by socket: SharedFD) async throws -> String {
        try await Readiness.readable(socket)
        return String(decoding: try await socket.read(upTo: 100), as: UTF8.self)
    }
}
