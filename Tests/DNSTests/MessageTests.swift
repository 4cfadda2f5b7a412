import Addresses
import Foundation
import Testing

@testable import DNS

@Suite("DNS messages")
struct MessageTests {
    @Test("a query is the bytes that everybody sends")
    func golden() throws {
        let bytes: [UInt8] =
            [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0] + [3] + Array("web".utf8) + [0]
            + [0, 1, 0, 1]
        #expect(Sample.query("web") == bytes)
        let message = try Message(parsing: bytes)
        #expect(message.header.id == 0x1234)
        #expect(message.questions == [.init(name: Sample.name("web"), type: .address)])
    }

    @Test("what is written is read back, with compressed names")
    func roundTrip() throws {
        var message = Message(header: .init(id: 7, flags: [.response, .authoritative]))
        message.questions = [.init(name: Sample.name("Web.Shop"), type: .address)]
        message.answers = [1, 2].map {
            .init(
                name: Sample.name("web.shop"),
                type: .address,
                timeToLive: 10,
                data: IPv4Address($0).bytes
            )
        }
        let bytes = message.encoded
        #expect(bytes.count == 12 + 14 + 2 * 16)
        #expect(try Message(parsing: bytes) == message)
    }

    @Test(
        "names compare without case and are limited",
        arguments: [
            ("web", true), ("WEB.", true), ("w-e_b.1", true), ("", true), (".", true),
            ("a..b", false),
            (".a", false), (String(repeating: "a", count: 63), true),
            (String(repeating: "a", count: 64), false),
            (Array(repeating: "abcdefg", count: 31).joined(separator: "."), true),
            (Array(repeating: "abcdefg", count: 32).joined(separator: "."), false),
        ]
    )
    func names(text: String, isName: Bool) {
        #expect((DomainName(text) != nil) == isName)
        if isName { #expect(DomainName(text) == DomainName(text.uppercased())) }
    }

    @Test("names with strange bytes are shown harmlessly")
    func shown() throws {
        let name = try #require(DomainName(labels: [[0x1b, 0x2e, 0xff], Array("ok".utf8)]))
        #expect(name.description == "\\027\\.\\255.ok.")
    }

    @Test(
        "hostile names are refused",
        arguments: [
            ([0xc0, 12], MessageError.badPointer),  // points to itself
            ([1, 0x61, 0xc0, 12], .badPointer),  // loops over a label
            ([0xc0, 40], .badPointer),  // forwards
            ([0xc0, 0], .badPointer),  // into the header
            ([0xc0], .truncated),
            ([5, 0x61], .truncated),
            ([0x40, 0x61, 0], .badLabel(0x40)),
            ([0x80], .badLabel(0x80)),
            ([], .truncated),
        ]
    )
    func hostile(name: [UInt8], error: MessageError) {
        let bytes: [UInt8] = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + name
        #expect(throws: error) { try Message(parsing: bytes) }
    }

    @Test("a name longer than 255 bytes by compression is refused")
    func longName() {
        // Five labels of 63, each pointing to the one before.
        var bytes: [UInt8] = [0, 1, 0x80, 0, 0, 5, 0, 0, 0, 0, 0, 0]
        var previous: Int?
        for _ in 0..<5 {
            let start = bytes.count
            bytes += [63] + [UInt8](repeating: 0x61, count: 63)
            bytes += previous.map { [0xc0 | UInt8($0 >> 8), UInt8($0 & 0xff)] } ?? [0]
            bytes += [0, 1, 0, 1]
            previous = start
        }
        #expect(throws: MessageError.nameTooLong) { try Message(parsing: bytes) }
    }

    /// A million where `BERTH_RACES` is set.
    private static let packets =
        ProcessInfo.processInfo.environment["BERTH_RACES"] == nil ? 50_000 : 1_000_000

    @Test("no bytes make the reader fall over, or the answers grow")
    func noise() {
        var generator = Xorshift(state: 0x9e37_79b9_7f4a_7c15)
        var zone = Zone()
        zone.add("web", .v4(IPv4Address(1)))
        let valid = Sample.query("web", announcing: 4096)
        for round in 0..<Self.packets {
            var bytes = round % 2 == 0 ? valid : []
            if bytes.isEmpty {
                let most: UInt64 = round % 64 == 1 ? 9000 : 80
                bytes = (0..<Int(generator.next() % most)).map { _ in
                    UInt8(generator.next() & 0xff)
                }
                // Names that point somewhere, mostly to each other, and numbers of records that are not there.
                if round % 4 == 1 {
                    for place in stride(from: 12, to: bytes.count - 1, by: 2) {
                        bytes[place] = 0xc0
                        bytes[place + 1] = UInt8(12 + generator.next() % 64)
                    }
                }
            } else {
                for _ in 0..<3 {
                    let place = Int(generator.next() % UInt64(bytes.count))
                    bytes[place] = UInt8(generator.next() & 0xff)
                }
            }
            let decision = Responder.decide(
                bytes,
                over: .udp,
                zone: zone,
                turn: 0,
                allowForwarding: round % 3 == 0
            )
            if case .reply(let reply) = decision { #expect(reply.count <= max(512, bytes.count)) }
        }
    }
}

/// A generator whose numbers are the same in every run.
struct Xorshift {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
