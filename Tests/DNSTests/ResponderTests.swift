import Addresses
import Testing

@testable import DNS

@Suite("answers from a zone")
struct ResponderTests {
    private var zone: Zone {
        var zone = Zone()
        for number: UInt32 in 2...4 { zone.add("web", .v4(IPv4Address(0xac14_0000 | number))) }
        zone.add("store", .v4(IPv4Address(0xac14_0009)))
        zone.add(reverse: .v4(IPv4Address(0xac14_0009)), "shop-store-1.shop_default")
        return zone
    }

    private func decide(
        _ bytes: [UInt8],
        over transport: Transport = .udp,
        turn: UInt64 = 0,
        allowForwarding: Bool = true
    ) -> Decision {
        Responder.decide(
            bytes,
            over: transport,
            zone: zone,
            turn: turn,
            allowForwarding: allowForwarding
        )
    }

    private func reply(_ decision: Decision) throws -> Message {
        guard case .reply(let bytes) = decision else {
            Issue.record("no reply: \(decision)")
            throw MessageError.truncated
        }
        return try Message(parsing: bytes)
    }

    @Test("a name is answered in any case, with the asker's id and question")
    func known() throws {
        let message = try reply(decide(Sample.query("StOrE.", id: 77)))
        #expect(message.header.id == 77)
        #expect(message.header.flags.contains([.response, .recursionDesired, .recursionAvailable]))
        #expect(message.questions[0].name.description == "StOrE.")
        #expect(message.answers.map(\.data) == [[172, 20, 0, 9]])
    }

    @Test("each family is answered with its own addresses, and who asks for any gets both")
    func families() throws {
        var zone = Zone()
        let (four, six) = (
            try #require(IPAddress("172.20.0.2")), try #require(IPAddress("fd00::2"))
        )
        for address in [four, six] {
            zone.add("web", address)
            zone.add(reverse: address, "shop-web-1")
        }
        zone.add("old", four)
        func answers(_ name: String, _ type: Message.RecordType) throws -> [[UInt8]] {
            let query = Sample.query(name, type)
            return try reply(
                Responder.decide(query, over: .udp, zone: zone, turn: 0, allowForwarding: false)
            ).answers.map(\.data)
        }
        #expect(try answers("web", .address) == [four.bytes])
        #expect(try answers("web", .address6) == [six.bytes])
        #expect(try answers("web", .any) == [four.bytes, six.bytes])
        #expect(try answers("old", .address6) == [])
        let reverse = "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa"
        #expect(try answers(reverse, .pointer) == [try #require(DomainName("shop-web-1")).encoded])
    }

    @Test("a name with its network behind it is that name on that network")
    func withNetwork() {
        var zone = Zone()
        zone.add("web", .v4(IPv4Address(1)), network: "n1")
        zone.add("web", .v4(IPv4Address(2)), network: "shop.de_n2")
        zone.add("shop-web-1", .v4(IPv4Address(1)), network: "n1")
        zone.add(reverse: .v4(IPv4Address(1)), "shop-web-1.n1")
        func addresses(_ name: String) -> [IPAddress]? {
            DomainName(name).flatMap { zone.addresses(of: $0) }
        }
        #expect(addresses("web") == [.v4(IPv4Address(1)), .v4(IPv4Address(2))])
        #expect(addresses("WEB.N1.") == [.v4(IPv4Address(1))])
        #expect(addresses("web.shop.de_n2") == [.v4(IPv4Address(2))])
        for name in ["n1", "web.n2", "x.n1", "web.n1.n1", "web.n1.com", ""] {
            #expect(addresses(name) == nil, "\(name)")
        }
        for name in zone.names(of: IPAddress.v4(IPv4Address(1)).reverseName) ?? [] {
            #expect(zone.addresses(of: name) == [.v4(IPv4Address(1))])
        }
    }

    @Test("nobody is called what means the asker itself, or the machine")
    func reserved() {
        var zone = Zone()
        for name in [
            "localhost", "LocalHost", "a.localhost", "host.docker.internal",
            "gateway.docker.internal",
        ] {
            zone.add(name, .v4(IPv4Address(1)), network: "n1")
            #expect(DomainName(name).flatMap { zone.addresses(of: $0) } == nil)
        }
    }

    @Test(
        "several addresses take turns at being first",
        arguments: [
            (0, [2, 3, 4]), (1, [3, 4, 2]), (2, [4, 2, 3]), (3, [2, 3, 4]),
        ] as [(UInt64, [UInt8])]
    )
    func roundRobin(turn: UInt64, order: [UInt8]) throws {
        let message = try reply(decide(Sample.query("web"), turn: turn))
        #expect(message.answers.map { $0.data[3] } == order)
    }

    @Test("a known name without an address of the kind asked for is answered empty")
    func otherType() throws {
        let message = try reply(decide(Sample.query("web", .address6)))
        #expect(message.header.flags.code == .noError)
        #expect(message.answers == [])
    }

    @Test("an address is answered with its name")
    func reverse() throws {
        let message = try reply(decide(Sample.query("9.0.20.172.in-addr.arpa", .pointer)))
        let name = Sample.name("shop-store-1.shop_default")
        #expect(message.answers.map(\.data) == [name.encoded])
    }

    @Test("an unknown name is forwarded, or does not exist where nothing may leave")
    func unknown() throws {
        guard case .forward(let query) = decide(Sample.query("example.com")) else {
            Issue.record("not forwarded")
            return
        }
        #expect(query.question.name == Sample.name("example.com"))
        let message = try reply(decide(Sample.query("example.com"), allowForwarding: false))
        #expect(message.header.flags.code == .noSuchName)
    }

    @Test("what is no query of ours is refused or ignored")
    func refused() throws {
        #expect(decide([1, 2, 3]) == .ignore)
        var response = Sample.query("web")
        response[2] |= 0x80
        #expect(decide(response) == .ignore)
        var update = Sample.query("web")
        update[2] |= 5 << 3
        #expect(try reply(decide(update)).header.flags.code == .notImplemented)
        var two = Sample.query("web")
        two[5] = 2
        #expect(try reply(decide(two)).header.flags.code == .formatError)
        var chaos = Sample.query("web")
        chaos[chaos.count - 1] = 3
        #expect(try reply(decide(chaos)).header.flags.code == .refused)
    }

    @Test(
        "answers that do not fit are cut and say so; over TCP they fit",
        arguments: [
            (Transport.udp, nil, 512), (.udp, 100, 512), (.udp, 1000, 1000), (.udp, 65535, 1232),
            (.tcp, nil, 65535),
        ] as [(Transport, UInt16?, Int)]
    )
    func truncation(transport: Transport, announced: UInt16?, limit: Int) throws {
        var zone = Zone()
        for number: UInt32 in 1...200 { zone.add("web", .v4(IPv4Address(number))) }
        let decision = Responder.decide(
            Sample.query("web", announcing: announced),
            over: transport,
            zone: zone,
            turn: 0,
            allowForwarding: false
        )
        guard case .reply(let bytes) = decision else {
            Issue.record("no reply")
            return
        }
        #expect(bytes.count <= limit)
        let message = try Message(parsing: bytes)
        #expect(message.header.flags.contains(.truncated) == (transport == .udp))
        #expect(transport == .udp ? message.answers.count > 20 : message.answers.count == 200)
        // Options are answered with options, and only then.
        #expect(message.additionals.map(\.type) == (announced == nil ? [] : [.options]))
    }
}
