import Addresses
import Foundation
import Testing

@Suite("addresses")
struct AddressTests {
    @Test(
        "reads IPv4 addresses written the canonical way, and nothing else",
        arguments: [
            ("0.0.0.0", 0), ("127.0.0.1", 0x7f00_0001), ("255.255.255.255", 0xffff_ffff),
            ("172.18.0.2", 0xac12_0002), ("1.2.3", nil), ("1.2.3.4.5", nil), ("1.2.3.256", nil),
            ("01.2.3.4", nil), ("1.2.3.+4", nil), ("1..3.4", nil), (" 1.2.3.4", nil), ("", nil),
            ("1.2.3.4\n", nil), ("::1", nil), ("1.2.3.9999999999", nil), ("١.2.3.4", nil),
        ] as [(String, UInt32?)]
    )
    func ipv4(text: String, number: UInt32?) {
        #expect(IPv4Address(text)?.number == number)
        if number != nil { #expect(IPv4Address(text)?.description == text) }
    }

    /// RFC 4291, 2.2 on the left, RFC 5952 on the right.
    @Test(
        "reads IPv6 addresses and writes them the canonical way",
        arguments: [
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fe80::1", "fe80::1"),
            ("2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", nil),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("0:0:0:0:0:0:0:0", "::"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
            ("::ffff:192.0.2.128", "::ffff:192.0.2.128"), ("::ffff:c000:280", "::ffff:192.0.2.128"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("00fd::0001", "fd::1"),
        ] as [(String, String?)]
    )
    func ipv6(text: String, written: String?) {
        #expect(IPv6Address(text)?.description == written ?? text)
    }

    @Test(
        "refuses what is no IPv6 address",
        arguments: [
            "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
            "1::2::3", "12345::", "g::", "+1::", "::-1", "::1.2.3", "::1.2.3.4.5", "1.2.3.4::",
            "1.2.3.4", "::1%eth0", "[::1]", " ::1", "::1/64", "1:2:3:4:5:6:7:1.2.3.4", ":1::",
            "1::2:",
            String(repeating: "0", count: 100_000),
        ]
    )
    func notIPv6(text: String) {
        #expect(IPv6Address(text) == nil)
    }

    @Test("addresses read back from their bytes")
    func bytes() throws {
        let six = try #require(IPv6Address("fd00::1:2"))
        #expect(six.bytes == [0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2])
        #expect(IPAddress(bytes: six.bytes) == .v6(six))
        #expect(IPAddress(bytes: [10, 0, 0, 1])?.description == "10.0.0.1")
        #expect(IPAddress(bytes: [10, 0, 0]) == nil)
    }

    @Test(
        "knows the addresses of the machine itself",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("128.0.0.1", false),
            ("::2", false), ("::", false),
        ]
    )
    func loopback(text: String, expected: Bool) {
        #expect(IPAddress(text)?.isLoopback == expected)
    }

    @Test("IPv4 inside IPv6 counts as IPv4 when asked to")
    func mapped() throws {
        let mapped = try #require(IPAddress("::ffff:10.0.0.1"))
        #expect(mapped.unmapped == IPAddress("10.0.0.1"))
        #expect(mapped != mapped.unmapped)
        let other = try #require(IPAddress("::fffe:10.0.0.1"))
        #expect(other.unmapped == other)
    }

    @Test("an address and a port are written so that the port can be told")
    func socketAddress() {
        #expect(SocketAddress("10.0.0.1", port: 53)?.description == "10.0.0.1:53")
        #expect(SocketAddress("::1", port: 53)?.description == "[::1]:53")
        #expect(SocketAddress("localhost", port: 53) == nil)
    }

    @Test(
        "reads link-layer addresses",
        arguments: [
            ("02:42:ac:12:00:02", "02:42:ac:12:00:02"), ("02-42-AC-12-00-02", "02:42:ac:12:00:02"),
            ("02:42:ac:12:00", nil), ("02:42:ac:12:00:0g", nil), ("02:42-ac:12:00:02", nil),
            ("0242.ac12.0002", nil), ("", nil), ("02:42:ac:12:00:02:", nil),
        ] as [(String, String?)]
    )
    func mac(text: String, written: String?) {
        #expect(MACAddress(text)?.description == written)
    }

    @Test("an IPv4 address gives the link-layer address Docker gives it")
    func derivedMAC() throws {
        let address = try #require(IPv4Address("172.18.0.2"))
        #expect(MACAddress(for: address).description == "02:42:ac:12:00:02")
    }

    @Test("documents hold addresses as text, and say what a wrong one should have been")
    func codable() throws {
        let values = ["10.0.0.1", "fd00::1"].compactMap(IPAddress.init)
        let written = try JSONEncoder().encode(values)
        #expect(String(decoding: written, as: UTF8.self) == #"["10.0.0.1","fd00::1"]"#)
        #expect(try JSONDecoder().decode([IPAddress].self, from: written) == values)
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([IPv4Subnet].self, from: Data(#"["10.0.0.0"]"#.utf8))
        }
        #expect("\(try #require(error))".contains("not a valid IPv4 subnet: 10.0.0.0"))
    }
}
