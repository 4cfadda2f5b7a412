import Addresses
import Testing

@testable import ContainerNetwork

@Suite("BridgeOptions")
struct BridgeOptionsTests {
    @Test("options are read under Docker's names")
    func read() throws {
        let options = try BridgeOptions([
            "com.docker.network.bridge.name": "br-shop",
            "com.docker.network.driver.mtu": "1400",
            "com.docker.network.bridge.enable_icc": "false",
            "com.docker.network.bridge.enable_ip_masquerade": "0",
            "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
            "com.docker.network.container_iface_prefix": "lan",
            "com.docker.network.bridge.gateway_mode_ipv4": "isolated",
            "com.docker.network.bridge.gateway_mode_ipv6": "nat",
            "com.docker.network.bridge.inhibit_ipv4": "true",
            "com.docker.network.bridge.default_bridge": "false",
        ])
        #expect(options.isolated == [.v4] && options.inhibitsIPv4)
        #expect(options.name == "br-shop")
        #expect(options.mtuBytes == 1400)
        #expect(!options.connectsContainers && !options.masquerades)
        #expect(options.hostAddress == IPv4Address("127.0.0.1"))
        #expect(options.interfacePrefix == "lan")
        #expect(try BridgeOptions([:]) == BridgeOptions(["com.docker.network.bridge.name": ""]))
    }

    @Test(
        "what has no meaning is refused with its name",
        arguments: [
            ("com.docker.network.bridge.name", "a name with spaces"),
            ("com.docker.network.bridge.name", "longer-than-fifteen"),
            ("com.docker.network.bridge.name", "bv0123"),
            ("com.docker.network.driver.mtu", "67"),
            ("com.docker.network.driver.mtu", "x"),
            ("com.docker.network.bridge.enable_icc", "no"),
            ("com.docker.network.bridge.host_binding_ipv4", "::1"),
            ("com.docker.network.container_iface_prefix", "fifteen-letters"),
            ("com.docker.network.bridge.gateway_mode_ipv4", "routed"),
            ("com.docker.network.bridge.gateway_mode_ipv6", "nat-unprotected"),
            ("com.docker.network.bridge.gateway_mode_ipv6", "bogus"),
            ("com.docker.network.bridge.inhibit_ipv4", "x"),
            ("com.docker.network.bridge.default_bridge", "true"),
            ("com.docker.network.bridge.trusted_host_interfaces", "eth1"),
            ("parent", "eth0"),
        ]
    )
    func refused(key: String, value: String) {
        let error = #expect(throws: NetworkError.self) { _ = try BridgeOptions([key: value]) }
        #expect(error?.action == "use driver option \(key)")
    }
}
