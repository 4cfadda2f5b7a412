/// The name of an image in full, `docker.io/library/redis:7`, made from what users type with
/// Docker's defaults. distribution/reference, normalize.go.
package struct ImageReference: Hashable, Sendable {
    /// The registry, with its port if there is one; `docker.io` for Docker Hub.
    package let domain: String
    /// The repository within the registry, `library/redis`.
    package let path: String
    package let tag: String?
    package let digest: Digest?

    /// The registry that a name without one belongs to.
    package static let defaultDomain = "docker.io"
    /// The tag meant when neither tag nor digest is written.
    package static let defaultTag = "latest"

    /// Reads what a user typed: `redis`, `localhost:5000/app:1`, `name@sha256:…`.
    package init(_ text: String) throws(OCIError) {
        guard !Self.isIdentifier(text) else { throw OCIError(subject: text, .identifierAsName) }
        let (domain, remainder) = Self.splitDomain(text)
        let name = remainder.prefix { $0 != ":" && $0 != "@" }
        if name.contains(where: { $0.isUppercase }) {
            throw OCIError(subject: text, .upperCaseName(String(name)))
        }
        let parts: ReferenceGrammar
        do {
            parts = try ReferenceGrammar(parsing: "\(domain)/\(remainder)")
        } catch {
            throw OCIError(subject: text, error.problem)
        }
        guard let domain = parts.domain else {
            throw OCIError(subject: text, .invalidReference)
        }
        self.domain = domain
        path = parts.path
        tag = parts.tag
        if let written = parts.digest {
            digest = try Digest(parsing: written)
        } else {
            digest = nil
        }
    }

    private init(domain: String, path: String, tag: String?, digest: Digest?) {
        self.domain = domain
        self.path = path
        self.tag = tag
        self.digest = digest
    }

    /// Whether a text is 64 hexadecimal digits: an image's id, never a name.
    package static func isIdentifier(_ text: String) -> Bool { Digest(hex: text) != nil }

    /// What stands before the first slash is a registry only if it looks like a host.
    private static func splitDomain(_ text: String) -> (domain: String, remainder: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var domain = defaultDomain
        var remainder = text
        if parts.count == 2 {
            let first = parts[0]
            if first == "index.docker.io" {
                remainder = String(parts[1])
            } else if first == "localhost" || first.contains(".") || first.contains(":")
                || first.contains(where: { $0.isUppercase })
            {
                domain = String(first)
                remainder = String(parts[1])
            }
        }
        if domain == defaultDomain, !remainder.contains("/") { remainder = "library/\(remainder)" }
        return (domain, remainder)
    }
}

extension ImageReference {
    /// Registry and repository, without tag and digest.
    package var name: String { "\(domain)/\(path)" }

    /// The repository as users write it: `redis` for `docker.io/library/redis`.
    package var familiarName: String {
        guard domain == Self.defaultDomain else { return name }
        let official = "library/"
        guard path.hasPrefix(official) else { return path }
        let short = path.dropFirst(official.count)
        return short.contains("/") ? path : String(short)
    }

    /// The whole reference as users write it.
    package var familiar: String { familiarName + suffix }

    private var suffix: String {
        (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// With `:latest` when neither tag nor digest is written.
    package var tagged: ImageReference {
        guard tag == nil, digest == nil else { return self }
        return ImageReference(domain: domain, path: path, tag: Self.defaultTag, digest: nil)
    }

    /// What is looked up: the digest alone when there is one, else the tag, else `latest`.
    package var resolvable: ImageReference {
        guard digest != nil else { return tagged }
        return ImageReference(domain: domain, path: path, tag: nil, digest: digest)
    }

    /// The repository alone.
    package var repository: ImageReference {
        ImageReference(domain: domain, path: path, tag: nil, digest: nil)
    }

    /// The same repository under another tag; nil when the tag is malformed.
    package func with(tag: String) -> ImageReference? {
        guard ReferenceGrammar.isTag(tag[...].utf8) else { return nil }
        return ImageReference(domain: domain, path: path, tag: tag, digest: digest)
    }

    /// The same name pinned to a digest.
    package func with(digest: Digest) -> ImageReference {
        ImageReference(domain: domain, path: path, tag: tag, digest: digest)
    }
}

extension ImageReference: CustomStringConvertible, Comparable {
    /// The canonical text, which parses to the same reference again.
    package var description: String { name + suffix }

    package static func < (left: ImageReference, right: ImageReference) -> Bool {
        left.description < right.description
    }
}

extension ImageReference: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
