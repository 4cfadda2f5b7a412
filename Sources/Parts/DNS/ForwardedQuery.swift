/// One query on its way through the upstream servers: whom to ask, how long to wait, what to
/// believe. It does no I/O; whoever does tells it what happened.
///
/// Against forged answers, each attempt has a new random id, and its sender must use a new socket on
/// a random port that is connected to the server.
package struct ForwardedQuery: Sendable {
    private let query: Query
    private let serverCount: Int
    private var attempt = 0
    private var id: UInt16 = 0
    /// A refusal of one server, kept in case that no other does better.
    private var fallback: [UInt8]?

    package enum Event: Equatable, Sendable {
        /// Something came from the server that was asked last.
        case received([UInt8])
        /// Nothing came in time, or the server cannot be reached.
        case failed
    }

    package enum Action: Equatable, Sendable {
        /// Ask this server, over a new socket, and wait that long.
        case ask(server: Int, message: [UInt8], patience: Duration)
        /// Go on waiting: that was not the answer.
        case wait
        /// Done: give this to the asker.
        case finish([UInt8])
    }

    /// How long each attempt may take; together less than the five seconds after which a client
    /// asks again.
    private static let patience: [Duration] = [
        .milliseconds(1000), .milliseconds(1500), .milliseconds(2000),
    ]

    /// Begins with the first of so many servers.
    package init(_ query: Query, serverCount: Int) {
        self.query = query
        self.serverCount = serverCount
    }

    /// The first thing to do.
    package mutating func start() -> Action { next() }

    package mutating func handle(_ event: Event) -> Action {
        switch event {
        case .failed:
            return next()
        case .received(let bytes):
            guard var reply = accepted(bytes) else { return .wait }
            reply.replaceSubrange(0..<2, with: query.bytes[0..<2])
            let code = Message.ResponseCode(rawValue: UInt16(reply[3] & 0xf))
            if code == .serverFailure || code == .refused || code == .notImplemented {
                fallback = reply
                return next()
            }
            return .finish(fitting(reply))
        }
    }

    private mutating func next() -> Action {
        guard serverCount > 0, attempt < Self.patience.count else {
            return .finish(fallback.map(fitting) ?? query.serverFailure)
        }
        defer { attempt += 1 }
        id = UInt16.random(in: .min ... .max)
        let message = [UInt8(id >> 8), UInt8(truncatingIfNeeded: id)] + query.bytes.dropFirst(2)
        return .ask(
            server: attempt % serverCount,
            message: message,
            patience: Self.patience[attempt]
        )
    }

    /// The bytes, when they are an answer to what was asked: the same id and the same question.
    private func accepted(_ bytes: [UInt8]) -> [UInt8]? {
        var reader = MessageReader(bytes)
        // `try?`: what cannot be read is not the answer.
        guard let (header, counts) = try? reader.header(), header.id == id,
            header.flags.contains(.response), counts[0] == 1,
            let question = try? reader.question(), question == query.question
        else { return nil }
        return bytes
    }

    /// An answer too long for the asker is cut down to its question and marked as truncated.
    private func fitting(_ reply: [UInt8]) -> [UInt8] {
        if reply.count <= query.limit { return reply }
        var message = query.answer(.noError)
        message.header.flags.insert(.truncated)
        return message.encoded
    }
}
