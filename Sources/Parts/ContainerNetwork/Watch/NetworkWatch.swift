import CLinux
import Glibc
import Linux
import Synchronization

/// Tells when the network state of a namespace may have changed behind our back, by what rtnetlink
/// and nf_tables notify of. Costs nothing while nothing happens.
package final class NetworkWatch: Sendable {
    /// One element for any number of changes that were not taken yet; ends with the watch.
    package let changes: AsyncStream<Void>
    private let announce: AsyncStream<Void>.Continuation
    private let interest = Interest()

    /// Shared with the task that reads, which does not keep the watch alive.
    private final class Interest: Sendable {
        let value = Mutex(NetworkInterest())
    }
    private let reading: Mutex<Task<Void, Never>?> = Mutex(nil)

    private static let routeGroups = [
        RTNLGRP_LINK, RTNLGRP_TC, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_NETCONF,
        RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_NETCONF,
    ].map(\.rawValue)
    private static let firewallGroups = [NFNLGRP_NFTABLES.rawValue]

    /// Begins in the calling thread's network namespace; until somebody says what is of interest
    /// (`change`), nothing is told.
    init() throws(NetworkError) {
        (changes, announce) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let route = try Self.listen(.route, Self.routeGroups)
        let firewall = try Self.listen(.netfilter, Self.firewallGroups)
        // Cancelled by `end` and `deinit`.
        let (interest, announce) = (interest, announce)
        let task = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await Self.read(route, announce) { message in
                        interest.value.withLock { interest in
                            interest.concerns(route: message) { Self.name(of: $0, for: route) }
                        }
                    }
                }
                group.addTask {
                    await Self.read(firewall, announce) { message in
                        interest.value.withLock { $0.concerns(firewall: message) }
                    }
                }
            }
        }
        reading.withLock { $0 = task }
    }

    deinit { end() }

    /// Says what is of interest from now on.
    package func change(_ body: (inout NetworkInterest) -> Void) {
        interest.value.withLock { interest in body(&interest) }
    }

    /// Tells of a change, without one.
    package func look() { announce.yield() }

    /// Ends the stream.
    package func end() {
        reading.withLock { $0.take() }?.cancel()
        announce.finish()
    }

    private static func name(of link: Int32, for socket: SharedFD) -> String? {
        var name = [CChar](repeating: 0, count: 16)
        guard socket.with({ berth_link_name($0, link, &name) }) == 0 else { return nil }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func listen(
        _ family: NetlinkSocket.Family,
        _ groups: [UInt32]
    ) throws(NetworkError) -> SharedFD {
        let fd = try NetlinkSocket.open(family)
        do throws(SyscallError) {
            try bind(fd)
            for group in groups {
                try fd.with { number throws(SyscallError) in
                    var group = CInt(group)
                    _ = try syscall("setsockopt", on: "netlink group \(group)") {
                        setsockopt(
                            number,
                            SOL_NETLINK,
                            CInt(NETLINK_ADD_MEMBERSHIP),
                            &group,
                            socklen_t(MemoryLayout<CInt>.size)
                        )
                    }
                }
            }
        } catch { throw NetworkError(action: "watch the kernel's network", error) }
        return fd
    }

    /// The kernel tells nothing to a socket that has no address yet: it takes it for the sender.
    private static func bind(_ fd: SharedFD) throws(SyscallError) {
        var name = sockaddr_nl()
        name.nl_family = sa_family_t(AF_NETLINK)
        let length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        try fd.with { number throws(SyscallError) in
            _ = try syscall("bind", on: "netlink") {
                withUnsafePointer(to: &name) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        Glibc.bind(number, $0, length)
                    }
                }
            }
        }
    }

    private static func read(
        _ fd: SharedFD,
        _ announce: AsyncStream<Void>.Continuation,
        _ concerns: @Sendable (NetlinkMessage) -> Bool
    ) async {
        var buffer = [UInt8](repeating: 0, count: 65536)
        // Ends by cancellation.
        while (try? await Readiness.readable(fd)) != nil {
            var isConcerned = false
            while true {
                let (count, code) = fd.with { number in
                    let count = recv(number, &buffer, buffer.count, CInt(MSG_DONTWAIT))
                    return (count, errno)
                }
                if count < 0 {
                    // More than the socket holds: anything may have happened.
                    if code == ENOBUFS { isConcerned = true }
                    if code == ENOBUFS || code == EINTR { continue }
                    break
                }
                let messages = NetlinkMessage.parse(Array(buffer.prefix(count)))
                isConcerned = isConcerned || messages.contains(where: concerns)
            }
            if isConcerned { announce.yield() }
        }
    }
}
