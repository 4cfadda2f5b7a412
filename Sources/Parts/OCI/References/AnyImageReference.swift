/// What a command line may name an image by.
package enum AnyImageReference: Hashable, Sendable, CustomStringConvertible {
    /// The id of an image: 64 digits, or `sha256:` and 64 digits.
    case identifier(Digest)
    case name(ImageReference)

    /// Reads an id or a name; a short id looks like a name and stays one.
    package init(_ text: String) throws(OCIError) {
        if let digest = Digest(hex: text) ?? Digest(text) {
            self = .identifier(digest)
        } else {
            self = .name(try ImageReference(text))
        }
    }

    package var description: String {
        switch self {
        case .identifier(let digest): digest.description
        case .name(let reference): reference.description
        }
    }
}
