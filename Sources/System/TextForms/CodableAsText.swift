/// A value that documents hold as one text, the one it prints as.
///
/// Decoding a text that the value does not read throws `DecodingError.dataCorrupted`, which names
/// the kind of value and the text.
package protocol CodableAsText: Codable, LosslessStringConvertible {
    /// What a text has to be: `IPv4 address`. For messages.
    static var kindOfText: String { get }
}

extension CodableAsText {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "not a valid \(Self.kindOfText): \(text)"
            )
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
