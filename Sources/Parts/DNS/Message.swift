/// A DNS message. RFC 1035 section 4.
package struct Message: Equatable, Sendable {
    package var header: Header
    package var questions: [Question] = []
    package var answers: [Record] = []
    package var authorities: [Record] = []
    package var additionals: [Record] = []

    package init(header: Header) { self.header = header }

    /// The first twelve bytes, without the counts.
    package struct Header: Hashable, Sendable {
        package var id: UInt16
        package var flags: Flags

        package init(id: UInt16, flags: Flags) {
            self.id = id
            self.flags = flags
        }

        package static let byteCount = 12
    }

    /// The flags of the header (RFC 1035, section 4.1.1; AD and CD: RFC 4035).
    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        package static let response = Flags(rawValue: 1 << 15)
        package static let authoritative = Flags(rawValue: 1 << 10)
        package static let truncated = Flags(rawValue: 1 << 9)
        package static let recursionDesired = Flags(rawValue: 1 << 8)
        package static let recursionAvailable = Flags(rawValue: 1 << 7)
        package static let checkingDisabled = Flags(rawValue: 1 << 4)

        /// 0 is a plain query.
        package var operation: UInt16 { rawValue >> 11 & 0xf }

        package var code: ResponseCode {
            get { ResponseCode(rawValue: rawValue & 0xf) }
            set { rawValue = rawValue & ~0xf | newValue.rawValue & 0xf }
        }
    }

    /// RCODE (RFC 1035, section 4.1.1; IANA keeps the list).
    package struct ResponseCode: RawRepresentable, Hashable, Sendable {
        package var rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        package static let noError = ResponseCode(rawValue: 0)
        package static let formatError = ResponseCode(rawValue: 1)
        package static let serverFailure = ResponseCode(rawValue: 2)
        package static let noSuchName = ResponseCode(rawValue: 3)
        package static let notImplemented = ResponseCode(rawValue: 4)
        package static let refused = ResponseCode(rawValue: 5)
    }

    /// What is asked.
    package struct Question: Hashable, Sendable {
        package var name: DomainName
        package var type: RecordType
        /// 1 is the internet.
        package var recordClass: UInt16

        package init(name: DomainName, type: RecordType, recordClass: UInt16 = 1) {
            self.name = name
            self.type = type
            self.recordClass = recordClass
        }
    }

    /// TYPE and QTYPE (RFC 1035, section 3.2.2).
    package struct RecordType: RawRepresentable, Hashable, Sendable {
        package var rawValue: UInt16
        package init(rawValue: UInt16) { self.rawValue = rawValue }

        package static let address = RecordType(rawValue: 1)
        package static let pointer = RecordType(rawValue: 12)
        package static let address6 = RecordType(rawValue: 28)
        package static let options = RecordType(rawValue: 41)
        package static let any = RecordType(rawValue: 255)
    }

    /// What is answered. The data stay as they came: names in them may be compressed.
    package struct Record: Hashable, Sendable {
        package var name: DomainName
        package var type: RecordType
        /// The class; of an `options` record, the sender's largest UDP message (RFC 6891).
        package var recordClass: UInt16
        /// Seconds; of an `options` record, extended code, version and flags.
        package var timeToLive: UInt32
        package var data: [UInt8]

        package init(
            name: DomainName,
            type: RecordType,
            recordClass: UInt16 = 1,
            timeToLive: UInt32,
            data: [UInt8]
        ) {
            self.name = name
            self.type = type
            self.recordClass = recordClass
            self.timeToLive = timeToLive
            self.data = data
        }
    }
}

/// Why bytes are not a message.
package enum MessageError: Error, Hashable, Sendable, CustomStringConvertible {
    case truncated
    case nameTooLong
    case badLabel(UInt8)
    /// A compression pointer that does not go strictly backwards.
    case badPointer

    package var description: String {
        switch self {
        case .truncated: "the message ends too early"
        case .nameTooLong: "a name is longer than 255 bytes"
        case .badLabel(let byte): "a label begins with the unknown byte \(byte)"
        case .badPointer: "a compressed name does not point backwards"
        }
    }
}
