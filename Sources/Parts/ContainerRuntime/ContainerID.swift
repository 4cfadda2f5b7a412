import TextForms

/// A container's identity: 64 lower-case hexadecimal digits.
package struct ContainerID: Hashable, Sendable, Comparable {
    package let text: String

    /// The first 12 digits, what people see.
    package var short: String { String(text.prefix(12)) }
    package var description: String { text }

    /// Takes 64 lower-case hexadecimal digits; nil for anything else.
    package init?(_ text: String) {
        let digits = text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard text.utf8.count == 64, digits else { return nil }
        self.text = text
    }

    /// A new random one.
    package static func random() -> ContainerID {
        var generator = SystemRandomNumberGenerator()
        let text = (0..<64).map { _ in
            String(UInt8.random(in: 0..<16, using: &generator), radix: 16)
        }.joined()
        return ContainerID(unchecked: text)
    }

    private init(unchecked text: String) { self.text = text }

    package static func < (left: ContainerID, right: ContainerID) -> Bool { left.text < right.text }
}

extension ContainerID: CodableAsText {
    package static let kindOfText = "container identifier"
}
