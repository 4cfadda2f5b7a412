extension Message {
    /// The message as it travels. Names equal to the first question's are compressed to a pointer.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        for number in [
            header.id, header.flags.rawValue, UInt16(questions.count), UInt16(answers.count),
            UInt16(authorities.count), UInt16(additionals.count),
        ] {
            bytes.append(number)
        }
        for question in questions {
            bytes += question.name.encoded
            bytes.append(question.type.rawValue)
            bytes.append(question.recordClass)
        }
        for record in answers + authorities + additionals { append(record, to: &bytes) }
        return bytes
    }

    private func append(_ record: Record, to bytes: inout [UInt8]) {
        if let first = questions.first?.name, !first.labels.isEmpty, first == record.name {
            bytes.append(0xc000 | UInt16(Header.byteCount))
        } else {
            bytes += record.name.encoded
        }
        bytes.append(record.type.rawValue)
        bytes.append(record.recordClass)
        bytes.append(UInt16(truncatingIfNeeded: record.timeToLive >> 16))
        bytes.append(UInt16(truncatingIfNeeded: record.timeToLive))
        bytes.append(UInt16(record.data.count))
        bytes += record.data
    }

    /// The message in at most `limit` bytes: answers that do not fit are left out and the message
    /// says that it was truncated, so that the asker comes again over TCP.
    package func encoded(limit: Int) -> [UInt8] {
        var message = self
        var bytes = message.encoded
        while bytes.count > limit, !message.answers.isEmpty {
            message.answers.removeLast(max(1, message.answers.count / 4))
            message.header.flags.insert(.truncated)
            bytes = message.encoded
        }
        return bytes
    }
}

extension [UInt8] {
    /// A number in network order.
    fileprivate mutating func append(_ number: UInt16) {
        append(UInt8(number >> 8))
        append(UInt8(truncatingIfNeeded: number))
    }
}
