import OCI

/// A digest over a list of values, each with its length, so that no two lists look the same.
struct KeyDigest {
    private var hash = SHA256()

    /// Begins with what the digest is of.
    init(_ kind: String) { add(kind) }

    mutating func add(_ bytes: [UInt8]) {
        add(UInt64(bytes.count))
        hash.update(bytes)
    }

    mutating func add(_ text: String) { add(Array(text.utf8)) }

    mutating func add(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { hash.update($0) }
    }

    mutating func add(_ texts: [String]) {
        add(UInt64(texts.count))
        for text in texts { add(text) }
    }

    mutating func finish() -> Digest { hash.finish() }
}
