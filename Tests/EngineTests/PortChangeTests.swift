import Addresses
import ContainerRuntime
import Linux
import SystemPackage
import Testing

@testable import Engine

@Suite("ports of what runs")
struct PortChangeTests {
    /// Published at an address of the host, `:` and a port, for port 80 of the container, or what is written
    /// behind `>`.
    private static func port(_ text: String) throws -> PortBinding {
        let parts = text.split(separator: ">")
        let place = try #require(parts.first)
        let colon = try #require(place.lastIndex(of: ":"))
        let number = place[place.index(after: colon)...]
        let inner = parts.count > 1 ? UInt16(parts[1]) : 80
        let address = String(place[..<colon])
        if let dash = number.firstIndex(of: "-") {
            let first = try #require(UInt16(number[..<dash]))
            let last = try #require(UInt16(number[number.index(after: dash)...]))
            return PortBinding(
                hostAddress: address,
                hostRange: PortRange(first, last),
                containerPort: try #require(inner)
            )
        }
        return PortBinding(
            hostAddress: address,
            hostPort: UInt16(number),
            containerPort: try #require(inner)
        )
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var held: [String]
        var asked: [String]
        var hasIPv6 = false
        var isOut = true
        var staying: [String] = []
        var leaving: [String] = []
        var wanted: [String] = []
        var testDescription: String { "\(held) to \(asked)" }
    }

    private static let usual = ["0.0.0.0:8080", ":::8080"]

    @Test(
        "those that are asked for stay, others leave, and what is missing is taken",
        arguments: [
            Case(held: usual, asked: ["0.0.0.0:8080"], staying: usual),
            Case(held: usual, asked: ["0.0.0.0:0"], staying: usual),
            Case(held: usual, asked: ["0.0.0.0:8000-8090"], staying: usual),
            Case(
                held: usual,
                asked: ["0.0.0.0:9000-9090"],
                leaving: usual,
                wanted: ["0.0.0.0:9000-9090"]
            ),
            Case(held: usual, asked: [], leaving: usual),
            Case(held: usual, asked: ["0.0.0.0:8080"], isOut: false, leaving: usual),
            Case(held: [], asked: ["0.0.0.0:8080"], wanted: ["0.0.0.0:8080"]),
            Case(
                held: usual,
                asked: ["0.0.0.0:8080", "127.0.0.1:9090>90"],
                staying: usual,
                wanted: ["127.0.0.1:9090>90"]
            ),
            Case(
                held: usual,
                asked: ["0.0.0.0:8080>81"],
                leaving: usual,
                wanted: ["0.0.0.0:8080>81"]
            ),
            Case(
                held: usual,
                asked: ["127.0.0.1:8080"],
                leaving: usual,
                wanted: ["127.0.0.1:8080"]
            ),
            // What the supervisor serves by IPv6 the kernel leads then.
            Case(
                held: usual,
                asked: ["0.0.0.0:8080"],
                hasIPv6: true,
                leaving: usual,
                wanted: ["0.0.0.0:8080"]
            ),
        ]
    )
    func change(_ sample: Case) throws {
        var held = HeldPorts()
        let socket = SharedFD(try openFile("/dev/null", 0))
        for text in sample.held {
            var side = HeldPorts.Side(binding: try Self.port(text), socket: socket)
            // As for a container with IPv4 alone.
            if text.hasPrefix("::") { side.target = SocketAddress("10.0.0.2", port: 80) }
            held.sides.append(side)
        }
        let places = [
            try OutwardTests.place(
                0,
                name: "n",
                kind: sample.isOut ? sample.hasIPv6 ? "46" : "4" : "i",
                priority: 0
            )
        ]
        let change = PortChange(
            from: held,
            to: try sample.asked.map { try Self.port($0) },
            through: Outward(places)
        )
        #expect(change.staying.map(\.binding) == (try sample.staying.map { try Self.port($0) }))
        #expect(change.leaving.map(\.binding) == (try sample.leaving.map { try Self.port($0) }))
        #expect(change.wanted == (try sample.wanted.map { try Self.port($0) }))
        #expect(change.isNone == (sample.leaving.isEmpty && sample.wanted.isEmpty))
    }
}
