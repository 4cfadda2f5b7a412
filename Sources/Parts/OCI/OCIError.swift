/// Something that is not what the OCI and Docker image formats allow: what it is and what is wrong.
package struct OCIError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text or document at fault, as the user knows it; may be empty.
    package var subject: String
    package var problem: Problem

    /// What can be wrong with a reference, a digest, a platform or a document.
    package enum Problem: Hashable, Sendable {
        case emptyName
        case invalidReference
        case upperCaseName(String)
        case nameTooLong
        case identifierAsName
        case invalidDigest
        case invalidDigestLength
        case unsupportedDigestAlgorithm
        case invalidPlatform(String)
        case invalidDocument(String)
        case documentTooLarge(limit: Int)
        case legacySchema
    }

    package init(subject: String, _ problem: Problem) {
        self.subject = subject
        self.problem = problem
    }

    package var description: String {
        switch problem {
        case .emptyName: "repository name must have at least one component"
        case .invalidReference: "invalid reference format: \"\(subject)\""
        case .upperCaseName(let name):
            "invalid reference format: repository name (\(name)) must be lowercase"
        case .nameTooLong: "repository name must not be more than 255 characters: \(subject)"
        case .identifierAsName:
            "invalid repository name (\(subject)), cannot specify 64-byte hexadecimal strings"
        case .invalidDigest: "invalid checksum digest format: \"\(subject)\""
        case .invalidDigestLength: "invalid checksum digest length: \"\(subject)\""
        case .unsupportedDigestAlgorithm:
            "unsupported digest algorithm: \"\(subject)\"; only sha256 is supported"
        case .invalidPlatform(let reason): "invalid platform \"\(subject)\": \(reason)"
        case .invalidDocument(let reason): "invalid \(subject): \(reason)"
        case .documentTooLarge(let limit): "\(subject) is larger than \(limit) bytes"
        case .legacySchema:
            "\(subject) is a schema 1 manifest, which is no longer supported; push the image again "
                + "with a current tool"
        }
    }
}
