import FoundationEssentials

/// A pointer to a blob: its type, size and digest. OCI image-spec, descriptor.md.
package struct Descriptor: Hashable, Sendable {
    package var mediaType: String
    package var digest: Digest
    package var size: Int64
    package var platform: Platform?
    package var annotations: [String: String]
    /// Where else the blob may be had; never followed.
    package var urls: [String]
    package var artifactType: String?
    /// The blob itself, when it was small enough to be put into the descriptor.
    package var data: [UInt8]?

    /// What JSON's numbers express exactly (RFC 8259, 6); the sizes of a whole document of them can
    /// be added up.
    static let sizeLimit: Int64 = 1 << 53

    package init(
        mediaType: String,
        digest: Digest,
        size: Int64,
        platform: Platform? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
        self.annotations = annotations
        urls = []
        artifactType = nil
        data = nil
    }

    /// Describes bytes at hand.
    package init(mediaType: String, of bytes: [UInt8]) {
        self.init(mediaType: mediaType, digest: .of(bytes), size: Int64(bytes.count))
    }

    /// Whether it points to a statement about another manifest rather than to an image.
    package var isAttestation: Bool {
        platform?.isUnknown == true || annotations["vnd.docker.reference.type"] != nil
    }
}

extension Descriptor: Codable {
    private enum CodingKeys: String, CodingKey {
        case mediaType, digest, size, platform, annotations, urls, artifactType, data
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func corrupted(_ key: CodingKeys, _ reason: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: reason)
        }
        mediaType = try container.decode(String.self, forKey: .mediaType)
        guard MediaType.isWellFormed(mediaType) else {
            throw corrupted(.mediaType, "not a media type")
        }
        digest = try container.decode(Digest.self, forKey: .digest)
        size = try container.decode(Int64.self, forKey: .size)
        guard size >= 0 else { throw corrupted(.size, "negative") }
        guard size <= Self.sizeLimit else { throw corrupted(.size, "larger than any disk") }
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
        annotations =
            try container.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
        urls = try container.decodeIfPresent([String].self, forKey: .urls) ?? []
        guard urls.allSatisfy({ $0.contains(":") }) else { throw corrupted(.urls, "not a URI") }
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        data = nil
        if let text = try container.decodeIfPresent(String.self, forKey: .data) {
            guard let bytes = Data(base64Encoded: text) else {
                throw corrupted(.data, "not base64")
            }
            guard bytes.count == size, Digest.of(bytes) == digest else {
                throw corrupted(.data, "does not have the descriptor's size and digest")
            }
            data = [UInt8](bytes)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encode(digest, forKey: .digest)
        try container.encode(size, forKey: .size)
        try container.encodeIfPresent(platform, forKey: .platform)
        if !annotations.isEmpty { try container.encode(annotations, forKey: .annotations) }
        if !urls.isEmpty { try container.encode(urls, forKey: .urls) }
        try container.encodeIfPresent(artifactType, forKey: .artifactType)
        if let data { try container.encode(Data(data).base64EncodedString(), forKey: .data) }
    }
}
