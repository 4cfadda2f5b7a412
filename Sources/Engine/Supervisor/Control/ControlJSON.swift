import FoundationEssentials

/// Lines of the control protocol: one JSON value, no newline in it.
enum ControlJSON {
    /// With the newline that ends it.
    static func line(_ value: some Encodable) throws -> [UInt8] {
        var bytes = [UInt8](try JSONEncoder().encode(value))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    static func read<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(line))
        } catch {
            throw SupervisorError(
                .protocolViolation,
                "not a line of the supervisor's protocol: \(error)"
            )
        }
    }
}
