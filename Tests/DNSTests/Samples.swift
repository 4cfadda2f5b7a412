import Addresses
@testable import DNS

/// Builders for the tests' messages.
enum Sample {
    static func name(_ text: String) -> DomainName {
        guard let name = DomainName(text) else { preconditionFailure("not a name: \(text)") }
        return name
    }

    static func query(
        _ text: String,
        _ type: Message.RecordType = .address,
        id: UInt16 = 0x1234,
        announcing size: UInt16? = nil
    ) -> [UInt8] {
        var message = Message(header: .init(id: id, flags: .recursionDesired))
        message.questions = [.init(name: name(text), type: type)]
        if let size {
            message.additionals = [
                .init(name: name("."), type: .options, recordClass: size, timeToLive: 0, data: [])
            ]
        }
        return message.encoded
    }

    /// An upstream server's answer to a query's bytes.
    static func reply(
        to query: [UInt8],
        code: Message.ResponseCode = .noError,
        addresses: [IPv4Address] = []
    ) throws -> [UInt8] {
        var message = try Message(parsing: query)
        message.header.flags.insert([.response, .recursionAvailable])
        message.header.flags.code = code
        message.answers = addresses.map {
            .init(name: message.questions[0].name, type: .address, timeToLive: 60, data: $0.bytes)
        }
        return message.encoded
    }
}
