/// Reads a message from a stranger: every length is checked, and the work is bounded by the size.
struct MessageReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func number() throws(MessageError) -> UInt16 {
        guard position + 2 <= bytes.count else { throw .truncated }
        defer { position += 2 }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    mutating func longNumber() throws(MessageError) -> UInt32 {
        UInt32(try number()) << 16 | UInt32(try number())
    }

    mutating func take(_ count: Int) throws(MessageError) -> [UInt8] {
        guard position + count <= bytes.count else { throw .truncated }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// A name, which may end in a pointer to an earlier one (RFC 1035, 4.1.4). Each pointer must go
    /// further back than the one before, so that there are no loops, and never into the header.
    mutating func name() throws(MessageError) -> DomainName {
        var labels: [[UInt8]] = []
        var length = 1
        var cursor = position
        var lowest = position
        var end: Int?
        while true {
            guard cursor < bytes.count else { throw .truncated }
            let count = Int(bytes[cursor])
            switch count {
            case 0:
                position = end ?? cursor + 1
                guard let name = DomainName(labels: labels) else { throw .nameTooLong }
                return name
            case 1...DomainName.longestLabel:
                guard cursor + 1 + count <= bytes.count else { throw .truncated }
                length += 1 + count
                guard length <= DomainName.longest else { throw .nameTooLong }
                labels.append(Array(bytes[cursor + 1...cursor + count]))
                cursor += 1 + count
            case 0xc0...0xff:
                guard cursor + 1 < bytes.count else { throw .truncated }
                let target = (count & 0x3f) << 8 | Int(bytes[cursor + 1])
                guard target < lowest, target >= Message.Header.byteCount else {
                    throw .badPointer
                }
                if end == nil { end = cursor + 2 }
                lowest = target
                cursor = target
            default:
                throw .badLabel(bytes[cursor])
            }
        }
    }

    mutating func header() throws(MessageError) -> (Message.Header, counts: [Int]) {
        let id = try number()
        let flags = Message.Flags(rawValue: try number())
        var counts: [Int] = []
        for _ in 0..<4 { counts.append(Int(try number())) }
        return (Message.Header(id: id, flags: flags), counts)
    }

    mutating func question() throws(MessageError) -> Message.Question {
        let name = try name()
        let type = Message.RecordType(rawValue: try number())
        return Message.Question(name: name, type: type, recordClass: try number())
    }

    mutating func record() throws(MessageError) -> Message.Record {
        let name = try name()
        let type = Message.RecordType(rawValue: try number())
        let recordClass = try number()
        let timeToLive = try longNumber()
        let count = Int(try number())
        return Message.Record(
            name: name,
            type: type,
            recordClass: recordClass,
            timeToLive: timeToLive,
            data: try take(count)
        )
    }

    mutating func records(_ count: Int) throws(MessageError) -> [Message.Record] {
        var records: [Message.Record] = []
        for _ in 0..<count { records.append(try record()) }
        return records
    }
}

extension Message {
    /// Reads a whole message. Bytes after its end are ignored, as others do.
    package init(parsing bytes: [UInt8]) throws(MessageError) {
        var reader = MessageReader(bytes)
        let (header, counts) = try reader.header()
        self.init(header: header)
        for _ in 0..<counts[0] { questions.append(try reader.question()) }
        answers = try reader.records(counts[1])
        authorities = try reader.records(counts[2])
        additionals = try reader.records(counts[3])
    }
}
