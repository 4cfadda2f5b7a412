/// Messages on a TCP connection: each after its length in two bytes. RFC 1035, 4.2.2.
package struct StreamFrames: Sendable {
    private var buffer: [UInt8] = []

    package init() {}

    /// Takes what arrived.
    package mutating func receive(_ bytes: [UInt8]) { buffer += bytes }

    /// The next whole message; nil until more arrives. Never holds more than one message and
    /// what arrived with it.
    package mutating func next() -> [UInt8]? {
        guard buffer.count >= 2 else { return nil }
        let end = 2 + (Int(buffer[0]) << 8 | Int(buffer[1]))
        guard buffer.count >= end else { return nil }
        defer { buffer.removeFirst(end) }
        return Array(buffer[2..<end])
    }

    /// A message with its length, as it travels.
    package static func frame(_ message: [UInt8]) -> [UInt8] {
        precondition(message.count <= 65535, "a DNS message has at most 65,535 bytes")
        return [UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)] + message
    }
}
