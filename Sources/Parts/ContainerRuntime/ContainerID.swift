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
        let words = (0..<4).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }
        return ContainerID(
            unchecked: words.map { String(repeating: "0", count: 16 - $0.count) + $0 }.joined()
        )
    }

    private init(unchecked text: String) { self.text = text }

    package static func < (left: ContainerID, right: ContainerID) -> Bool { left.text < right.text }
}

extension ContainerID: CodableAsText {
    package static let kindOfText = "container identifier"
}
