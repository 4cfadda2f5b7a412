import Addresses
import CLinux
import Glibc
import Linux

@testable import ContainerNetwork

/// An Ethernet frame, as whoever has CAP_NET_RAW can send it.
struct Frame {
    var bytes: [UInt8]

    /// Ends every frame of a test, so that it is found among others.
    static func mark(_ number: Int) -> [UInt8] { Array("frame \(number)!".utf8) }

    init(to target: MACAddress, from sender: MACAddress, type: UInt16, _ payload: [UInt8]) {
        bytes = target.bytes + sender.bytes + type.bigEndianBytes + payload
    }

    /// An IPv4 packet of an experimental protocol (RFC 3692), which nobody answers.
    static func ip(from source: IPv4Address, to destination: IPv4Address) -> [UInt8] {
        [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 253, 0, 0] + source.bytes + destination.bytes
    }

    /// An ARP answer.
    static func arp(
        sender: MACAddress,
        _ address: IPv4Address,
        target: MACAddress,
        _ asking: IPv4Address
    ) -> [UInt8] {
        [0, 1, 8, 0, 6, 4, 0, 2] + sender.bytes + address.bytes + target.bytes + asking.bytes
    }
}

/// A packet socket on a link.
struct PacketSocket {
    let fd: SharedFD

    init(in netns: SharedFD, on link: String) async throws {
        fd = try await NamespaceThread.run(in: netns) {
            var route = try NetlinkSocket(.route)
            let every = UInt16(ETH_P_ALL).bigEndian
            let fd = SharedFD(
                OwnedFD(
                    taking: try syscall("socket", on: "packets") {
                        socket(
                            AF_PACKET,
                            CInt(SOCK_RAW.rawValue) | O_CLOEXEC | O_NONBLOCK,
                            CInt(every)
                        )
                    }
                )
            )
            var place = sockaddr_ll()
            place.sll_family = UInt16(AF_PACKET)
            place.sll_protocol = every
            place.sll_ifindex = try route.link(link).index
            try fd.with { number in
                _ = try syscall("bind", on: link) {
                    withUnsafePointer(to: &place) {
                        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                            bind(number, $0, socklen_t(MemoryLayout<sockaddr_ll>.size))
                        }
                    }
                }
            }
            return fd
        }
    }

    func send(_ frame: Frame) throws {
        try fd.with { number in
            _ = try syscall("send", on: "a frame") {
                CInt(Glibc.send(number, frame.bytes, frame.bytes.count, 0))
            }
        }
    }

    /// Reads frames until one ends with the second mark; gives whether one with the first was among
    /// them. Waits without end: the suite has a time limit.
    func sees(_ mark: [UInt8], before fence: [UInt8]) async throws -> Bool {
        var seen = false
        while true {
            try await Readiness.readable(fd)
            var buffer = [UInt8](repeating: 0, count: 2048)
            let count = fd.with { recv($0, &buffer, buffer.count, 0) }
            guard count > 0 else { continue }
            let frame = buffer.prefix(count)
            if frame.suffix(mark.count).elementsEqual(mark) { seen = true }
            if frame.suffix(fence.count).elementsEqual(fence) { return seen }
        }
    }
}
