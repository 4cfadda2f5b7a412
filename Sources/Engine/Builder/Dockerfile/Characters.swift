/// ASCII characters by name; Dockerfiles are taken apart as UTF-8, where these never occur inside
/// of another character.
enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let blank = UInt8(ascii: " ")
    static let hash = UInt8(ascii: "#")
    static let dash = UInt8(ascii: "-")
    static let slash = UInt8(ascii: "/")
    static let backslash = UInt8(ascii: "\\")
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")

    static func isBlank(_ byte: UInt8) -> Bool { byte == blank || (9...13).contains(byte) }
    static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (65...70).contains(byte) || (97...102).contains(byte)
    }
    static func isLetter(_ byte: UInt8) -> Bool {
        (65...90).contains(byte) || (97...122).contains(byte)
    }
}

extension StringProtocol where UTF8View: BidirectionalCollection {
    /// Without the ASCII blanks at both ends.
    func trimmingBlanks() -> String {
        let rest = utf8.drop(while: ASCII.isBlank)
        let end = rest.lastIndex { !ASCII.isBlank($0) }.map { rest.index(after: $0) }
        return String(decoding: rest[..<(end ?? rest.startIndex)], as: UTF8.self)
    }

    /// The parts between runs of ASCII blanks, at most `limit` of them; the last takes the rest.
    func splitAtBlanks(limit: Int = .max) -> [String] {
        utf8.split(maxSplits: limit == .max ? .max : limit - 1, omittingEmptySubsequences: true) {
            ASCII.isBlank($0)
        }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first part up to a run of blanks, and what follows the run.
    func splitFirstWord() -> (word: String, rest: String) {
        let end = utf8.firstIndex(where: ASCII.isBlank) ?? utf8.endIndex
        let rest = utf8[end...].drop(while: ASCII.isBlank)
        return (
            String(decoding: utf8[..<end], as: UTF8.self), String(decoding: rest, as: UTF8.self)
        )
    }
}
