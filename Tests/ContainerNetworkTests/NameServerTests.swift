import Glibc
import Linux
import Testing
import TestSupport

@testable import ContainerNetwork

@Suite(.tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct NameServerTests {
    @Test("127.0.0.11:53 leads to our sockets, and port 53 stays free", arguments: [1, 2])
    func redirect(times: Int) async throws {
        let machine = try await TestMachine()
        let container = try await NamespaceThread.make()
        try await machine.kernel.prepareNamespace(container)
        var sockets = try await machine.kernel.openDNSSockets(in: container)
        // A second supervisor takes over.
        if times == 2 { sockets = try await machine.kernel.openDNSSockets(in: container) }
        // The container's own server on every address, port 53 included.
        let own = try await Greeter(in: container, port: 53)
        let server = Greeter(tcp: sockets.tcp, udp: sockets.udp, greeting: "ours")
        for transport in TransportProtocol.allCases {
            let ours = try await Talk.from(container, to: address("127.0.0.11"), 53, transport)
            #expect(ours == .answered("ours"))
            let theirs = try await Talk.from(container, to: address("127.0.0.1"), 53, transport)
            #expect(theirs == .answered("127.0.0.1"))
        }
        withExtendedLifetime((own, server)) {}
    }

    @Test("a new namespace has its loopback, and no IPv6 on links to come")
    func settings() async throws {
        let machine = try await TestMachine()
        let container = try await NamespaceThread.make()
        try await machine.kernel.prepareNamespace(container)
        let values = try await NamespaceThread.run(in: container) {
            [
                try Sysctl.read("ipv6/conf/default/disable_ipv6"),
                try Sysctl.read("ipv6/conf/lo/disable_ipv6"),
            ]
        }
        #expect(values == ["1", "0"])
        let server = try await Greeter(in: container, port: 80)
        #expect(
            try await Talk.from(container, to: address("127.0.0.1"), 80) == .answered("127.0.0.1")
        )
        withExtendedLifetime(server) {}
    }
}
