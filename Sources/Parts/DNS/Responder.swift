import Addresses

/// What to do with a query.
package enum Decision: Equatable, Sendable {
    case reply([UInt8])
    /// Not ours to answer: ask an upstream server.
    case forward(Query)
    /// Not worth an answer: nobody waits for one.
    case ignore
}

/// A query that was read and found to be one.
package struct Query: Equatable, Sendable {
    /// As it came.
    package let bytes: [UInt8]
    package let header: Message.Header
    package let question: Message.Question
    /// Where the question ends in `bytes`.
    let questionEnd: Int
    /// The asker's largest UDP message, when it said one (RFC 6891); at least 512.
    let announcedSize: Int?
    /// How long an answer may be.
    package let limit: Int

    /// UDP answers are kept below what every path carries whole.
    static let longestDatagram = 1232
    static let longestPlainDatagram = 512
    static let longestStreamMessage = 65535

    init(parsing bytes: [UInt8], _ transport: Transport) throws(MessageError) {
        var reader = MessageReader(bytes)
        let (header, counts) = try reader.header()
        question = try reader.question()
        questionEnd = reader.position
        var size: Int?
        // What stands before the additional records of a query has no meaning, but a length.
        for _ in 0..<counts[1] + counts[2] + counts[3] {
            let record = try reader.record()
            if record.type == .options { size = max(512, Int(record.recordClass)) }
        }
        self.bytes = bytes
        self.header = header
        announcedSize = size
        limit =
            switch transport {
            case .udp: min(size ?? Self.longestPlainDatagram, Self.longestDatagram)
            case .tcp: Self.longestStreamMessage
            }
    }

    /// An empty answer to it.
    func answer(_ code: Message.ResponseCode) -> Message {
        var flags: Message.Flags = [.response, .recursionAvailable]
        flags.formUnion(header.flags.intersection([.recursionDesired, .checkingDisabled]))
        flags.code = code
        var message = Message(header: Message.Header(id: header.id, flags: flags))
        message.questions = [question]
        if announcedSize != nil, let root = DomainName("") {
            message.additionals = [
                Message.Record(
                    name: root,
                    type: .options,
                    recordClass: UInt16(Self.longestDatagram),
                    timeToLive: 0,
                    data: []
                )
            ]
        }
        return message
    }

    /// The answer when no upstream server gave one.
    package var serverFailure: [UInt8] { answer(.serverFailure).encoded }
}

/// How a query came, and how its answer goes.
package enum Transport: Hashable, Sendable { case udp, tcp }

/// Answers queries from a zone.
package enum Responder {
    /// Seconds an answer of ours may be remembered: replicas come and go.
    static let timeToLive: UInt32 = 10

    /// Decides about one query. `turn` moves the first of several addresses on; without forwarding
    /// a name that is not in the zone does not exist.
    package static func decide(
        _ bytes: [UInt8],
        over transport: Transport,
        zone: Zone,
        turn: UInt64,
        allowForwarding: Bool
    ) -> Decision {
        var reader = MessageReader(bytes)
        // Answers, and noise shorter than a header, get no answer: it could go round in circles.
        guard let (header, counts) = try? reader.header(), !header.flags.contains(.response) else {
            return .ignore
        }
        func refuse(_ code: Message.ResponseCode) -> Decision {
            var flags = header.flags.intersection([.recursionDesired])
            flags.insert(.response)
            flags.rawValue |= header.flags.operation << 11
            flags.code = code
            return .reply(Message(header: Message.Header(id: header.id, flags: flags)).encoded)
        }
        guard header.flags.operation == 0 else { return refuse(.notImplemented) }
        // `try?`: whatever is wrong with it, the answer is the same.
        guard counts[0] == 1, let query = try? Query(parsing: bytes, transport) else {
            return refuse(.formatError)
        }
        guard query.question.recordClass == 1 else { return .reply(query.answer(.refused).encoded) }
        if let message = answer(query, zone, turn) {
            return .reply(message.encoded(limit: query.limit))
        }
        return allowForwarding
            ? .forward(query) : .reply(query.answer(.noSuchName).encoded)
    }

    /// The answer when the name is ours. A name that exists but has no record of the type asked for
    /// is answered empty: "no such name" would end the asker's search for the others, too.
    private static func answer(_ query: Query, _ zone: Zone, _ turn: UInt64) -> Message? {
        let question = query.question
        var message = query.answer(.noError)
        message.header.flags.insert(.authoritative)
        if let addresses = zone.addresses(of: question.name) {
            let wanted = addresses.filter {
                question.type == .any || question.type == recordType(of: $0)
            }
            guard !wanted.isEmpty else { return message }
            let first = Int(turn % UInt64(wanted.count))
            message.answers = (wanted[first...] + wanted[..<first]).map {
                record(question.name, recordType(of: $0), $0.bytes)
            }
            return message
        }
        if let names = zone.names(of: question.name) {
            guard question.type == .pointer || question.type == .any else { return message }
            message.answers = names.map { record(question.name, .pointer, $0.encoded) }
            return message
        }
        return nil
    }

    private static func recordType(of address: IPAddress) -> Message.RecordType {
        switch address.family {
        case .v4: .address
        case .v6: .address6
        }
    }

    private static func record(
        _ name: DomainName,
        _ type: Message.RecordType,
        _ data: [UInt8]
    ) -> Message.Record {
        Message.Record(name: name, type: type, timeToLive: timeToLive, data: data)
    }
}
