/// Keys that end an attached session and leave the program running. docker's `--detach-keys`:
/// characters and `ctrl-<value>`, separated by commas.
package struct DetachKeys: Equatable, Sendable {
    /// What the keys send; empty: nothing detaches.
    package let bytes: [UInt8]

    /// docker's `ctrl-p,ctrl-q`.
    package static let standard = DetachKeys(bytes: [16, 17])

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads `ctrl-p,ctrl-q`, `a,b`, `ctrl-@`, `DEL`, …; an empty text is the standard. nil for a
    /// key that there is not.
    package init?(_ text: String) {
        if text.isEmpty {
            self = .standard
            return
        }
        var bytes: [UInt8] = []
        for key in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let byte = Self.byte(of: String(key)) else { return nil }
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    private static func byte(of key: String) -> UInt8? {
        if key.utf8.count == 1 { return key.utf8.first }
        if key == "DEL" { return 127 }
        guard key.hasPrefix("ctrl-"), key.utf8.count == 6, let last = key.utf8.last else {
            return nil
        }
        switch last {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return last - UInt8(ascii: "a") + 1
        case UInt8(ascii: "@"): return 0
        // [ \ ] ^ _
        case 0x5B...0x5F: return last - 0x40
        default: return nil
        }
    }
}

/// Finds detach keys in what a person types, however it arrives. Keys that begin like them are held
/// back until it is clear that they are not; then all of them are passed, the last one too, as docker
/// does: ctrl-p typed twice is two of it.
package struct DetachKeyFilter: Equatable, Sendable {
    private let keys: [UInt8]
    /// How many of the keys were typed.
    private var matched = 0

    /// Nothing was typed yet.
    package init(_ keys: DetachKeys) { self.keys = keys.bytes }

    /// What became of what was typed.
    package struct Result: Equatable, Sendable {
        /// For the program.
        package var passed: [UInt8]
        /// The keys were typed: nothing after them counts.
        package var isDetached: Bool
    }

    /// Takes what was typed next.
    package mutating func take(_ typed: [UInt8]) -> Result {
        guard !keys.isEmpty else { return Result(passed: typed, isDetached: false) }
        var passed: [UInt8] = []
        for byte in typed {
            if byte == keys[matched] {
                matched += 1
                if matched == keys.count { return Result(passed: passed, isDetached: true) }
            } else {
                passed += keys.prefix(matched)
                passed.append(byte)
                matched = 0
            }
        }
        return Result(passed: passed, isDetached: false)
    }

    /// What was held back, at the end of input.
    package mutating func finish() -> [UInt8] {
        defer { matched = 0 }
        return Array(keys.prefix(matched))
    }
}
