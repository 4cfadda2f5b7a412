import ContainerRuntime
import Engine
import Linux
import Testing

@testable import Supervisor

/// A connected pair: the server's end and a client's link.
private func connectedPair() throws -> (UnixConnection, SupervisorLink) {
    var pair = try Pipe.socketPair(nonBlocking: true)
    let server = UnixConnection(SharedFD(pair.takeReader()))
    let client = UnixConnection(SharedFD(pair.takeWriter()))
    return (server, SupervisorLink(client))
}

private let container = ContainerID.random()

@Suite("The control protocol", .timeLimit(.minutes(1)))
struct ControlTests {
    /// Runs a server for one client around a test.
    private func withServer(
        answer: @escaping @Sendable (Request.Verb) async -> Reply,
        events: @escaping @Sendable () async -> AsyncStream<SupervisorEvent> = { .finished },
        _ body: @Sendable (SupervisorLink) async throws -> Void
    ) async throws {
        let (connection, link) = try connectedPair()
        let server = ControlServer(
            answer: answer,
            events: events,
            admit: { true },
            left: {}
        )
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await server.serve(connection) }
            group.addTask { await link.run() }
            try await body(link)
            link.close()
        }
    }

    @Test("a reply finds its request, whatever the order")
    func order() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        try await withServer { verb in
            if case .start = verb {
                for await _ in gate {}
                return .done
            }
            return .waited(.exited(code: 7))
        } _: { link in
            async let slow = link.ask(.start(container: container))
            let fast = try await link.ask(.wait(container: container, until: .exited))
            #expect(fast == .waited(.exited(code: 7)))
            open.finish()
            #expect(try await slow == .done)
        }
    }

    @Test("a hundred requests at once")
    func many() async throws {
        try await withServer { verb in
            guard case .kill(_, let signal) = verb else { return .done }
            return .waited(.exited(code: signal))
        } _: { link in
            await withThrowingTaskGroup { group in
                for number in Int32(0)..<100 {
                    group.addTask {
                        let reply = try await link.ask(.kill(container: container, signal: number))
                        #expect(reply == .waited(.exited(code: number)))
                    }
                }
            }
        }
    }

    @Test("events reach a client that watches")
    func events() async throws {
        let event = SupervisorEvent(
            container: container,
            name: "shop-web-1",
            kind: .exited(code: 1, restarting: true)
        )
        try await withServer(
            answer: { _ in .done },
            events: {
                AsyncStream { stream in
                    stream.yield(event)
                    stream.finish()
                }
            }
        ) { link in
            let events = link.events()
            let reply = try await link.ask(.watch)
            #expect(reply == .done)
            var iterator = events.makeAsyncIterator()
            #expect(await iterator.next() == event)
        }
    }

    @Test("a client whose server dies hears it")
    func lost() async throws {
        let (connection, link) = try connectedPair()
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await link.run() }
            group.addTask {
                _ = try await connection.read()
                connection.shutDown()
            }
            await #expect(throws: SupervisorLink.Lost.self) { try await link.ask(.ping) }
        }
        #expect(!link.isOpen)
        await #expect(throws: SupervisorLink.Lost.self) { try await link.ask(.ping) }
    }

    @Test("a wait whose client goes away is dropped")
    func dropped() async throws {
        let (dropped, drop) = AsyncStream<Void>.makeStream()
        let (asked, ask) = AsyncStream<Void>.makeStream()
        try await withServer { _ in
            ask.finish()
            // Ends by its cancellation only.
            for await _ in AsyncStream<Void>.makeStream().stream {}
            drop.finish()
            return .done
        } _: { link in
            let waiting = Task { try await link.ask(.wait(container: container, until: .gone)) }
            for await _ in asked {}
            link.close()
            for await _ in dropped {}
            await #expect(throws: SupervisorLink.Lost.self) { try await waiting.value }
        }
    }

    @Test("another version is refused in words")
    func version() async throws {
        var pair = try Pipe.socketPair(nonBlocking: true)
        let server = UnixConnection(SharedFD(pair.takeReader()))
        let client = UnixConnection(SharedFD(pair.takeWriter()))
        let control = ControlServer(
            answer: { _ in .done },
            events: { .finished },
            admit: { true },
            left: {}
        )
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await control.serve(server) }
            var request = Request(number: 3, verb: .ping)
            request.version = 99
            try await client.write(try ControlProtocol.line(request))
            var lines = LineReader(client)
            let line = try #require(try await lines.next())
            let reply = try ControlProtocol.read(ServerLine.self, from: line)
            guard case .reply(number: 3, .failed(let error)) = reply else {
                Issue.record("not refused: \(reply)")
                return
            }
            #expect(error.kind == .protocolViolation)
            client.shutDown()
        }
    }

    @Test("a line that is no request ends the connection, not the server")
    func garbage() async throws {
        var pair = try Pipe.socketPair(nonBlocking: true)
        let server = UnixConnection(SharedFD(pair.takeReader()))
        let client = UnixConnection(SharedFD(pair.takeWriter()))
        let control = ControlServer(
            answer: { _ in .done },
            events: { .finished },
            admit: { true },
            left: {}
        )
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await control.serve(server) }
            try await client.write(Array("{\"what\":1}\n".utf8))
            #expect(try await client.read().isEmpty)
        }
    }

    @Test(
        "every verb survives its line",
        arguments: [
            .ping, .status, .watch, .start(container: container),
            .stop(container: container, graceMilliseconds: 1500),
            .stop(container: container, graceMilliseconds: nil),
            .hasten(container: container, graceMilliseconds: nil),
            .restart(container: container, graceMilliseconds: 0),
            .kill(container: container, signal: 9),
            .wait(container: container, until: .ready),
        ] as [Request.Verb]
    )
    func verbs(verb: Request.Verb) throws {
        let request = Request(number: 1, verb: verb)
        let line = try ControlProtocol.line(request)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(!line.dropLast().contains(UInt8(ascii: "\n")))
        #expect(try ControlProtocol.read(Request.self, from: line) == request)
    }
}

extension AsyncStream {
    fileprivate static var finished: AsyncStream { AsyncStream { $0.finish() } }
}
