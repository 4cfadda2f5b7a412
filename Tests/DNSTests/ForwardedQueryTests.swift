import Addresses
import Testing

@testable import DNS

@Suite("queries on their way through upstream servers")
struct ForwardedQueryTests {
    private func query(_ transport: Transport = .udp) throws -> Query {
        try Query(parsing: Sample.query("example.com", id: 0xabcd), transport)
    }

    private func asked(_ action: ForwardedQuery.Action) throws -> (server: Int, message: [UInt8]) {
        guard case .ask(_, let server, let message, _) = action else {
            Issue.record("asked nobody: \(action)")
            throw MessageError.truncated
        }
        return (server, message)
    }

    @Test("the answer goes to the asker with the asker's id")
    func answer() throws {
        var forwarded = ForwardedQuery(try query(), serverCount: 1)
        let asked = try asked(forwarded.start())
        #expect(Array(asked.message.dropFirst(2)) == Array(try query().bytes.dropFirst(2)))
        let reply = try Sample.reply(to: asked.message, addresses: [IPv4Address(9)])
        guard case .finish(let bytes) = forwarded.handle(.received(attempt: 0, reply)) else {
            Issue.record("not finished")
            return
        }
        let message = try Message(parsing: bytes)
        #expect(message.header.id == 0xabcd)
        #expect(message.answers.count == 1)
    }

    @Test("a forged answer is not believed: wrong id, wrong question, no answer, noise")
    func forged() throws {
        var forwarded = ForwardedQuery(try query(), serverCount: 1)
        let asked = try asked(forwarded.start())
        var wrongID = try Sample.reply(to: asked.message)
        wrongID[1] ^= 1
        let id = UInt16(asked.message[0]) << 8 | UInt16(asked.message[1])
        let wrongName = try Sample.reply(to: Sample.query("example.org", id: id))
        let wrongType = try Sample.reply(to: Sample.query("example.com", .pointer, id: id))
        for forgery in [wrongID, wrongName, wrongType, asked.message, [1, 2, 3], []] {
            #expect(forwarded.handle(.received(attempt: 0, forgery)) == .wait)
        }
    }

    @Test("servers take turns, as often as resolv.conf says, each with a new id and its patience")
    func retries() throws {
        var forwarded = ForwardedQuery(
            try query(),
            serverCount: 2,
            patience: .seconds(3),
            rounds: 2
        )
        var action = forwarded.start()
        for (attempt, server) in [0, 1, 0, 1].enumerated() {
            guard case .ask(attempt, server, let message, .seconds(3)) = action else {
                Issue.record("not attempt \(attempt) at \(server): \(action)")
                return
            }
            #expect(message.count == (try query().bytes.count))
            action = forwarded.handle(.failed(attempt: attempt))
        }
        guard case .finish(let bytes) = action else {
            Issue.record("goes on for ever")
            return
        }
        #expect(try Message(parsing: bytes).header.flags.code == .serverFailure)
    }

    @Test("a server that is slow is heard, however long the others take")
    func slow() throws {
        var forwarded = ForwardedQuery(try query(), serverCount: 2)
        let first = try asked(forwarded.start())
        #expect(try asked(forwarded.handle(.delayed)).server == 1)
        // All have been asked: only their silence is a reason to ask again.
        #expect(forwarded.handle(.delayed) == .wait)
        #expect(forwarded.handle(.failed(attempt: 1)) == .wait)
        let reply = try Sample.reply(to: first.message, addresses: [IPv4Address(9)])
        guard case .finish(let bytes) = forwarded.handle(.received(attempt: 0, reply)) else {
            Issue.record("not heard")
            return
        }
        #expect(try Message(parsing: bytes).answers.count == 1)
    }

    @Test("an answer for one attempt is none for another, nor for one that was given up")
    func otherAttempt() throws {
        var forwarded = ForwardedQuery(try query(), serverCount: 2)
        let first = try asked(forwarded.start())
        _ = try asked(forwarded.handle(.failed(attempt: 0)))
        let reply = try Sample.reply(to: first.message)
        #expect(forwarded.handle(.received(attempt: 0, reply)) == .wait)
        let id = UInt16(first.message[0]) << 8 | UInt16(first.message[1])
        #expect(
            !forwarded.accepts(
                try Sample.reply(to: Sample.query("example.com", id: id &+ 1)),
                attempt: 0
            )
        )
    }

    @Test("a server that refuses is passed over; its refusal is the answer if nobody does better")
    func refusal() throws {
        var forwarded = ForwardedQuery(try query(), serverCount: 2, rounds: 1)
        let first = try asked(forwarded.start())
        let refusal = try Sample.reply(to: first.message, code: .refused)
        _ = try asked(forwarded.handle(.received(attempt: 0, refusal)))
        guard case .finish(let bytes) = forwarded.handle(.failed(attempt: 1)) else {
            Issue.record("goes on for ever")
            return
        }
        #expect(try Message(parsing: bytes).header.flags.code == .refused)
    }

    @Test("a name that does not exist is an answer")
    func noSuchName() throws {
        var forwarded = ForwardedQuery(try query(), serverCount: 2)
        let asked = try asked(forwarded.start())
        let reply = try Sample.reply(to: asked.message, code: .noSuchName)
        guard case .finish = forwarded.handle(.received(attempt: 0, reply)) else {
            Issue.record("asked on")
            return
        }
    }

    @Test("an answer too long for UDP is cut to its question", arguments: [Transport.udp, .tcp])
    func tooLong(transport: Transport) throws {
        var forwarded = ForwardedQuery(try query(transport), serverCount: 1)
        let asked = try asked(forwarded.start())
        let reply = try Sample.reply(
            to: asked.message,
            addresses: (1...100).map { IPv4Address($0) }
        )
        guard case .finish(let bytes) = forwarded.handle(.received(attempt: 0, reply)) else {
            Issue.record("not finished")
            return
        }
        let message = try Message(parsing: bytes)
        #expect(message.header.flags.contains(.truncated) == (transport == .udp))
        #expect(message.answers.count == (transport == .udp ? 0 : 100))
    }

    @Test("without servers there is an answer all the same")
    func none() throws {
        var forwarded = ForwardedQuery(try query(), serverCount: 0)
        #expect(forwarded.start() == .finish(try query().serverFailure))
    }
}
