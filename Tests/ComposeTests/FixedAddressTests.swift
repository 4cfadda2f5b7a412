import Compose
import TestSupport
import Testing

@Suite("Fixed addresses")
struct FixedAddressTests {
    @Test(
        "an address that a container cannot have is refused where it stands",
        arguments: [
            ("10.1.0.7", "ipam: {config: [{subnet: 10.1.0.0/24}]}", ""),
            ("10.1.0.7", "external: true", ""),
            ("", "", ""),
            ("10.1.0", "", "\"10.1.0\" is not an IPv4 address"),
            ("fd00::1", "", "\"fd00::1\" is not an IPv4 address"),
            ("10.1.0.7", "", "a fixed address needs a network with a subnet of its own"),
            (
                "10.2.0.7", "ipam: {config: [{subnet: 10.1.0.0/24}]}",
                "10.2.0.7 is not in the subnet of network \"net\": 10.1.0.0/24"
            ),
            (
                "10.1.0.0", "ipam: {config: [{subnet: 10.1.0.0/24}]}",
                "10.1.0.0 means the network or everybody on it, and no host"
            ),
            (
                "10.1.0.255", "ipam: {config: [{subnet: 10.1.0.0/24}]}",
                "10.1.0.255 means the network or everybody on it, and no host"
            ),
            (
                "10.1.0.9", "ipam: {config: [{subnet: 10.1.0.0/24, gateway: 10.1.0.9}]}",
                "10.1.0.9 is the gateway of network \"net\""
            ),
            // Without a word of it the first address is the gateway, of the range if there is one.
            (
                "10.1.0.1", "ipam: {config: [{subnet: 10.1.0.0/24}]}",
                "10.1.0.1 is the gateway of network \"net\""
            ),
            (
                "10.1.0.64", "ipam: {config: [{subnet: 10.1.0.0/24, ip_range: 10.1.0.64/26}]}",
                "10.1.0.64 is the gateway of network \"net\""
            ),
            ("10.1.0.1", "ipam: {config: [{subnet: 10.1.0.0/24, gateway: 10.1.0.254}]}", ""),
        ]
    )
    func refused(address: String, network: String, message: String) {
        let found = problems(
            """
            services:
              web:
                image: app
                networks:
                  net:
                    ipv4_address: "\(address)"
            networks: {net: {\(network)}}
            """,
            options: .test(.run)
        )
        let place = "compose.yaml:6:23: services.web.networks.net.ipv4_address: "
        if message.isEmpty {
            #expect(found == "")
        } else {
            #expect(found.hasPrefix(place + message), "\(found)")
        }
    }

    @Test(
        "the same of IPv6",
        arguments: [
            ("fd00:1::7", "enable_ipv6: true, ipam: {config: [{subnet: 'fd00:1::/64'}]}", ""),
            ("fd00:1::7", "external: true", ""),
            ("10.1.0.7", "", "\"10.1.0.7\" is not an IPv6 address"),
            ("fd00:1::7", "", "network \"net\" has no IPv6"),
            (
                "fd00:1::7", "enable_ipv6: true",
                "a fixed address needs a network with a subnet of its own"
            ),
            (
                "fd00:2::7", "enable_ipv6: true, ipam: {config: [{subnet: 'fd00:1::/64'}]}",
                "fd00:2::7 is not in the subnet of network \"net\": fd00:1::/64"
            ),
            (
                "fd00:1::", "enable_ipv6: true, ipam: {config: [{subnet: 'fd00:1::/64'}]}",
                "fd00:1:: means the network or everybody on it, and no host"
            ),
            (
                "fd00:1::1", "enable_ipv6: true, ipam: {config: [{subnet: 'fd00:1::/64'}]}",
                "fd00:1::1 is the gateway of network \"net\""
            ),
        ]
    )
    func refusedIPv6(address: String, network: String, message: String) {
        let found = problems(
            """
            services:
              web:
                image: app
                networks:
                  net:
                    ipv6_address: "\(address)"
            networks: {net: {\(network)}}
            """,
            options: .test(.run)
        )
        let place = "compose.yaml:6:23: services.web.networks.net.ipv6_address: "
        if message.isEmpty {
            #expect(found == "")
        } else {
            #expect(found.hasPrefix(place + message), "\(found)")
        }
    }

    @Test(
        "a port at an address of a family that the service does not have is refused",
        arguments: [
            ("[::1]:80:80", "enable_ipv6: true", ""), ("[::]:80:80", "external: true", ""),
            (
                "127.0.0.1:80:80", "enable_ipv6: true, enable_ipv4: false",
                "127.0.0.1 leads to no container: no network of the service has IPv4"
            ),
        ]
    )
    func ports(port: String, network: String, message: String) {
        let found = problems(
            """
            services: {web: {image: app, networks: [net], ports: ['\(port)']}}
            networks: {net: {\(network)}}
            """,
            options: .test(.run)
        )
        if message.isEmpty {
            #expect(found == "")
        } else {
            #expect(found.contains("services.web.ports[0].host_ip: \(message)"), "\(found)")
        }
    }

    @Test("a subnet of a family that the network does not have is told, and changes nothing")
    func unused() throws {
        let text = """
            services: {web: {image: app}}
            networks: {default: {ipam: {config: [{subnet: 'fd00:1::/64'}]}}}
            """
        let warnings = try load(text, options: .test(.run)).warnings.map(\.message)
        #expect(
            warnings == ["subnet fd00:1::/64 changes nothing: network \"default\" has no IPv6"]
        )
    }

    @Test(
        "a network that no container could have an address on is refused where it says so",
        arguments: [
            ("subnet: 10.1.0.0/16, gateway: 10.1.0.1, ip_range: 10.1.5.0/24", nil),
            ("subnet: 10.1.5.7/24", nil),
            ("subnet: 10.1.0.0/16, gateway: 10.1.5.1, ip_range: 10.1.5.0/24", nil),
            ("subnet: 223.255.255.0/24", nil),
            ("subnet: 224.0.0.0/24", "subnet: no host can have an address of 224.0.0.0/24"),
            ("subnet: 127.1.0.0/16", "subnet: no host can have an address of 127.1.0.0/16"),
            ("subnet: 0.0.0.0/8", "subnet: no host can have an address of 0.0.0.0/8"),
            ("subnet: 255.255.255.0/24", "subnet: no host can have an address of 255.255.255.0/24"),
            ("subnet: 10.1.0.0/31", "subnet: subnet 10.1.0.0/31 has no room for a gateway"),
            ("subnet: 10.1.0.0/32", "subnet: subnet 10.1.0.0/32 has no room for a gateway"),
            ("subnet: 10.1.0.0/30", nil),
            ("subnet: 'fd00:1::/64', gateway: 'fd00:1::1', ip_range: 'fd00:1::100/120'", nil),
            ("subnet: 'fd00:1::/126'", nil),
            ("subnet: 'fd00:1::/127'", "subnet: subnet fd00:1::/127 has no room for a gateway"),
            ("subnet: 'fe80::/64'", "subnet: no host can have an address of fe80::/64"),
            ("subnet: 'ff02::/64'", "subnet: no host can have an address of ff02::/64"),
            ("subnet: '::/64'", "subnet: no host can have an address of ::/64"),
            (
                "subnet: 'fd00:1::/64', gateway: 'fd00:2::1'",
                "gateway: fd00:2::1 is not the address of a host in subnet fd00:1::/64"
            ),
            (
                "subnet: 'fd00:1::/64', aux_addresses: {a: 'fd00:1::'}",
                "aux_addresses.a: fd00:1:: is not the address of a host in subnet fd00:1::/64"
            ),
            (
                "subnet: 10.1.0.0/24, gateway: 10.2.0.1",
                "gateway: 10.2.0.1 is not the address of a host in subnet 10.1.0.0/24"
            ),
            (
                "subnet: 10.1.0.0/24, gateway: 10.1.0.255",
                "gateway: 10.1.0.255 is not the address of a host in subnet 10.1.0.0/24"
            ),
            (
                "subnet: 10.1.0.0/24, ip_range: 10.1.0.0/16",
                "ip_range: 10.1.0.0/16 is not inside subnet 10.1.0.0/24"
            ),
        ] as [(String, String?)]
    )
    func networks(pool: String, message: String?) throws {
        let text =
            "services: {web: {image: x, networks: [n]}}\nnetworks: {n: {enable_ipv6: true, ipam: {config: [{\(pool)}]}}}\n"
        let found = problems(text, options: .test(.run))
        if let message {
            #expect(found.hasPrefix("compose.yaml:2:"), "\(found)")
            #expect(found.contains(": networks.n.ipam.config[0].\(message)"), "\(found)")
        } else {
            #expect(found == "")
        }
        _ = try load(text)
    }
}
