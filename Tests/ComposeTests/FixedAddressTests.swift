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
}
