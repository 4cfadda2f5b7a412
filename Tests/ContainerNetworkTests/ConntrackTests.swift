import Addresses
import Linux
import Testing
import TestSupport

@testable import ContainerNetwork

@Suite(.tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct ConntrackTests {
    @Test("a sender that never pauses is led to each new holder of the port")
    func udp() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        var servers: [Greeter] = []
        for number in [2, 3] {
            let container = try await machine.container(
                randomID(),
                on: [(shop, address("172.20.0.\(number)"))]
            )
            servers.append(
                try await Greeter(in: container, port: 53, greeting: "container \(number)")
            )
        }
        let sender = try await NamespaceThread.run(in: machine.neighbour) {
            try InternetSocket(.datagram)
        }
        let target = SocketAddress(TestMachine.hostAddress, port: 5353)
        // Once before anybody holds the port: the kernel remembers that it went to the host.
        try sender.sendNow([1], to: target)
        for number in [2, 3] {
            let port = PublishedPort(
                containerID: randomID(),
                hostAddress: .v4(.any),
                hostPort: 5353,
                transport: .udp,
                containerAddress: .v4(try address("172.20.0.\(number)")),
                containerPort: 53
            )
            try await machine.kernel.publish([port])
            try sender.sendNow([1], to: target)
            try await Readiness.readable(sender.fd)
            let answer = try #require(try sender.receiveNow())
            #expect(String(decoding: answer.bytes, as: UTF8.self) == "container \(number)")
        }
        withExtendedLifetime(servers) {}
    }

    @Test("who called while the port was only held is led to the container by the next try")
    func held() async throws {
        let machine = try await TestMachine()
        let shop = try network("shop", "172.20.0.0/16")
        try await machine.kernel.ensure(shop)
        let container = try await machine.container(
            randomID(),
            on: [(shop, address("172.20.0.2"))]
        )
        let server = try await Greeter(in: container, port: 80, greeting: "container")
        let held = try await machine.kernel.holdPort(.v4(.any), 8080, .tcp)
        let client = try await NamespaceThread.run(in: machine.neighbour) {
            try InternetSocket(.stream)
        }
        let target = SocketAddress(TestMachine.hostAddress, port: 8080)
        try client.connect(target)
        try await machine.kernel.publish([publishedPort(8080, to: "172.20.0.2")])
        // The kernel calls again a second later.
        try await Readiness.writable(client.fd)
        try client.finishConnecting(to: target)
        withExtendedLifetime((held.fd, server)) {}
    }
}
