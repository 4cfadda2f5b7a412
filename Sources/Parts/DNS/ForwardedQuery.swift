/// One query on its way through the upstream servers: whom to ask, how long to wait, what to
/// believe. It does no I/O; whoever does tells it what happened.
///
/// Servers are asked in turn, as often and with as much patience as resolv.conf(5) says. A server
/// that lets others wait does not hold up the query: after a moment the next one is asked as well,
/// and whoever answers first is believed.
///
/// Against forged answers, each attempt has a new random id, and its sender must use a new socket on
/// a random port that is connected to the server.
package struct ForwardedQuery: Sendable {
    private let query: Query
    private let serverCount: Int
    private let rounds: Int
    private let patience: Duration
    /// The id of each attempt so far.
    private var ids: [UInt16] = []
    /// Attempts that may still be answered.
    private var open: Set<Int> = []
    /// A refusal of one server, kept in case that no other does better.
    private var fallback: [UInt8]?

    /// What can happen to a query on its way.
    package enum Event: Equatable, Sendable {
        /// Something came from the server of that attempt.
        case received(attempt: Int, [UInt8])
        /// Nothing came in time, or the server cannot be reached.
        case failed(attempt: Int)
        /// A moment has passed since a server was asked.
        case delayed
    }

    /// What the server has to do next.
    package enum Action: Equatable, Sendable {
        /// Ask this server, over a new socket, and wait that long.
        case ask(attempt: Int, server: Int, message: [UInt8], patience: Duration)
        /// Go on waiting.
        case wait
        /// Done: give this to the asker.
        case finish([UInt8])
    }

    /// How long a server has the query for itself.
    package static let delay: Duration = .seconds(1)

    /// Begins with the first of so many servers, each of which is asked `rounds` times and has
    /// `patience` for each answer.
    package init(
        _ query: Query,
        serverCount: Int,
        patience: Duration = .seconds(5),
        rounds: Int = 2
    ) {
        self.query = query
        self.serverCount = serverCount
        self.patience = patience
        self.rounds = rounds
    }

    /// The first thing to do.
    package mutating func start() -> Action { next() }

    /// Takes an event in and says what to do.
    package mutating func handle(_ event: Event) -> Action {
        switch event {
        case .delayed:
            return isRoundOver ? .wait : next()
        case .failed(let attempt):
            open.remove(attempt)
            return goOn()
        case .received(let attempt, let bytes):
            guard accepts(bytes, attempt: attempt) else { return .wait }
            var reply = bytes
            reply.replaceSubrange(0..<2, with: query.bytes[0..<2])
            let code = Message.ResponseCode(rawValue: UInt16(reply[3] & 0xf))
            if code == .serverFailure || code == .refused || code == .notImplemented {
                fallback = reply
                open.remove(attempt)
                return goOn()
            }
            return .finish(fitting(reply))
        }
    }

    /// Whether the bytes are an answer to what was asked: the same id and the same question.
    package func accepts(_ bytes: [UInt8], attempt: Int) -> Bool {
        var reader = MessageReader(bytes)
        // `try?`: what cannot be read is not the answer.
        guard open.contains(attempt), let (header, counts) = try? reader.header(),
            header.id == ids[attempt], header.flags.contains(.response), counts[0] == 1,
            let question = try? reader.question(), question == query.question
        else { return false }
        return true
    }

    /// Every server has been asked as often as every other.
    private var isRoundOver: Bool { serverCount == 0 || ids.count % serverCount == 0 }

    /// After an attempt without an answer: the servers that are left in this round, then the
    /// answers that may still come, then the next round.
    private mutating func goOn() -> Action {
        isRoundOver && !open.isEmpty ? .wait : next()
    }

    private mutating func next() -> Action {
        guard ids.count < serverCount * rounds else {
            return .finish(fallback.map(fitting) ?? query.serverFailure)
        }
        let attempt = ids.count
        let id = UInt16.random(in: .min ... .max)
        ids.append(id)
        open.insert(attempt)
        let message = [UInt8(id >> 8), UInt8(truncatingIfNeeded: id)] + query.bytes.dropFirst(2)
        return .ask(
            attempt: attempt,
            server: attempt % serverCount,
            message: message,
            patience: patience
        )
    }

    /// An answer too long for the asker is cut down to its question and marked as truncated.
    private func fitting(_ reply: [UInt8]) -> [UInt8] {
        if reply.count <= query.limit { return reply }
        var message = query.answer(.noError)
        message.header.flags.insert(.truncated)
        return message.encoded
    }
}
