/// Takes a terminal's input apart, byte by byte: characters in UTF-8, controls, and the sequences
/// of ECMA-48 that begin with `ESC [`.
struct SequenceParser {
    enum Event: Equatable {
        case character(Unicode.Scalar)
        case control(UInt8)
        /// `ESC [ numbers final`; private ones have a `?` before the numbers.
        case sequence([Int], isPrivate: Bool, Character)
        /// What this terminal does not know.
        case other(String)
    }

    private enum State {
        case ground, escape, sequence
    }

    private var state = State.ground
    private var parameters = ""
    private var bytes: [UInt8] = []

    mutating func take(_ byte: UInt8) -> [Event] {
        switch state {
        case .ground: return ground(byte)
        case .escape:
            guard byte == UInt8(ascii: "[") else {
                state = .ground
                return [.other("ESC \(Character(Unicode.Scalar(byte)))")]
            }
            state = .sequence
            parameters = ""
            return []
        case .sequence:
            let character = Character(Unicode.Scalar(byte))
            guard (0x40...0x7E).contains(byte) else {
                parameters.append(character)
                return []
            }
            state = .ground
            let isPrivate = parameters.hasPrefix("?")
            let parts = parameters.drop { $0 == "?" }.split(separator: ";")
            let numbers = parts.compactMap { Int($0) }
            guard numbers.count == parts.count else {
                return [.other("CSI \(parameters)\(character)")]
            }
            return [.sequence(numbers, isPrivate: isPrivate, character)]
        }
    }

    private mutating func ground(_ byte: UInt8) -> [Event] {
        if byte >= 0x80 {
            // A character ends where it has as many bytes as its first one says.
            bytes.append(byte)
            let first = bytes[0]
            let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
            guard bytes.count >= length else { return [] }
            defer { bytes = [] }
            return String(decoding: bytes, as: UTF8.self).unicodeScalars.map { .character($0) }
        }
        bytes = []
        switch byte {
        case 0x1B:
            state = .escape
            return []
        case 0x20..<0x7F: return [.character(Unicode.Scalar(byte))]
        default: return [.control(byte)]
        }
    }
}
