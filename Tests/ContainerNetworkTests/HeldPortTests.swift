import Addresses
import Glibc
import Linux
import SystemPackage
import Testing
import TestSupport

@testable import ContainerNetwork

@Suite(.tags(.root), .leavesNothing, .enabled(if: isRoot), .timeLimit(.minutes(1)))
struct HeldPortTests {
    @Test("a port held twice names the holder", arguments: TransportProtocol.allCases)
    func holder(transport: TransportProtocol) async throws {
        let machine = try await TestMachine()
        let held = try await machine.kernel.holdPort(.v4(.any), 8080, transport)
        #expect(held.port == 8080)
        let error = await #expect(throws: NetworkError.self) {
            try await machine.kernel.holdPort(.v4(address("127.0.0.1")), 8080, transport)
        }
        let text = try #require(error).description
        let name = try String(
            decoding: readFile("/proc/self/comm", limit: 64).dropLast(),
            as: UTF8.self
        )
        #expect(
            text
                == "cannot publish 127.0.0.1:8080/\(transport.rawValue): address already in use by "
                + "\(name) (pid \(getpid())); stop it, or publish another port"
        )
        withExtendedLifetime(held.fd) {}
    }

    @Test("a port that leads to a container of ours names the container")
    func container() async throws {
        let machine = try await TestMachine()
        let port = try publishedPort(8080, to: "172.20.0.2")
        try await machine.kernel.publish([port])
        let held = try await machine.kernel.holdPort(.v4(.any), 8080, .tcp)
        let error = await #expect(throws: NetworkError.self) {
            try await machine.kernel.holdPort(.v4(.any), 8080, .tcp)
        }
        let reason = "address already in use by container \(port.containerID.prefix(12))"
        #expect(error?.reason == reason)
        withExtendedLifetime(held.fd) {}
    }

    @Test("no port asked for gives a free one, and it is free again afterwards")
    func free() async throws {
        let machine = try await TestMachine()
        // In a function of its own, which gives the socket back when it returns.
        func freePort() async throws -> UInt16 {
            try await machine.kernel.holdPort(.v4(.any), nil, .tcp).port
        }
        let port = try await freePort()
        #expect(port > 0)
        let again = try await machine.kernel.holdPort(.v4(.any), port, .tcp)
        #expect(again.port == port)
    }

    @Test("an address that the host does not have is said so")
    func absent() async throws {
        let machine = try await TestMachine()
        let error = await #expect(throws: NetworkError.self) {
            try await machine.kernel.holdPort(.v4(address("203.0.113.9")), 80, .tcp)
        }
        #expect(
            error?.description
                == "cannot publish 203.0.113.9:80/tcp: the host has no address 203.0.113.9"
        )
    }

    @Test("a held port answers nobody")
    func silent() async throws {
        let machine = try await TestMachine()
        let held = try await machine.kernel.holdPort(.v4(.any), 8080, .tcp)
        let talk = try await Talk.from(machine.neighbour, to: TestMachine.hostAddress, 8080)
        #expect(talk == .nothing)
        withExtendedLifetime(held.fd) {}
    }
}
