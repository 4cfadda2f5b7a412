import Addresses
import Testing

@Suite("subnets")
struct SubnetTests {
    @Test(
        "reads subnets and clears what is behind the prefix",
        arguments: [
            ("172.18.0.0/16", "172.18.0.0/16"), ("172.18.5.1/16", "172.18.0.0/16"),
            ("10.0.0.0/8", "10.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("1.2.3.4/32", "1.2.3.4/32"),
            ("fd00:1::5/64", "fd00:1::/64"), ("::/0", "::/0"), ("fd00::1/128", "fd00::1/128"),
            ("fdff::/9", "fd80::/9"), ("fd00::/129", nil), ("fd00::", nil), ("fd00::/064", nil),
            ("1.2.3.4/33", nil), ("1.2.3.4", nil), ("1.2.3.4/", nil), ("1.2.3.4/1/2", nil),
        ]
    )
    func reads(text: String, result: String?) {
        #expect(IPSubnet(text)?.description == result)
    }

    @Test(
        "overlaps",
        arguments: [
            ("172.18.0.0/16", "172.18.5.0/24", true), ("172.18.5.0/24", "172.18.0.0/16", true),
            ("172.18.0.0/16", "172.19.0.0/16", false), ("0.0.0.0/0", "10.0.0.0/8", true),
            ("192.168.0.0/20", "192.168.16.0/20", false), ("1.2.3.4/32", "1.2.3.4/32", true),
        ]
    )
    func overlaps(left: String, right: String, expected: Bool) throws {
        let (left, right) = (try #require(IPv4Subnet(left)), try #require(IPv4Subnet(right)))
        #expect(left.overlaps(right) == expected)
    }

    @Test(
        "contains the addresses of its family that share the prefix",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("::/0", "::1", true),
            ("::/0", "10.0.0.1", false), ("0.0.0.0/0", "::1", false),
            ("fd00::1/128", "fd00::1", true), ("fd00::1/128", "fd00::2", false),
        ]
    )
    func contains(subnet: String, address: String, expected: Bool) throws {
        let (subnet, address) = (try #require(IPSubnet(subnet)), try #require(IPAddress(address)))
        #expect(subnet.contains(address) == expected)
    }

    @Test(
        "hosts have neither the first nor the last address of a subnet",
        arguments: [
            ("10.0.0.0/24", 254, "10.0.0.255"), ("10.0.0.0/30", 2, "10.0.0.3"),
            ("10.0.0.0/31", 0, "10.0.0.1"), ("10.0.0.0/32", 0, "10.0.0.0"),
            ("0.0.0.0/0", 4_294_967_294, "255.255.255.255"),
        ]
    )
    func hosts(subnet: String, count: Int, last: String) throws {
        let subnet = try #require(IPv4Subnet(subnet))
        #expect(subnet.hosts.count == count)
        #expect(subnet.last.description == last)
    }
}
