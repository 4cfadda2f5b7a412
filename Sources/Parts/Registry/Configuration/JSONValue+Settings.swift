import TextForms

extension JSONValue {
    /// Reads a file of settings, which is one object; a file without content has no settings.
    init(settings bytes: [UInt8]) throws(Malformed) {
        guard !bytes.allSatisfy({ [0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
            self = .object([])
            return
        }
        self = try JSONValue(parsing: bytes)
        guard members != nil else {
            throw Malformed(line: 1, reason: "an object in braces is expected")
        }
    }
}
