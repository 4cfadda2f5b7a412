/// Manifests of one image for several platforms. OCI image-spec, image-index.md.
package struct ImageIndex: Hashable, Sendable {
    package var mediaType: String
    package var artifactType: String?
    package var manifests: [Descriptor]
    package var subject: Descriptor?
    package var annotations: [String: String]

    package init(
        mediaType: String = MediaType.ociIndex,
        manifests: [Descriptor],
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        artifactType = nil
        self.manifests = manifests
        subject = nil
        self.annotations = annotations
    }

    /// The entries that run on a platform, best first; those that do not say come last.
    /// Attestations do not count.
    package func candidates(for platform: Platform) -> [Descriptor] {
        let images = manifests.filter { !$0.isAttestation }
        let ranked = images.enumerated().compactMap { index, entry -> (Int, Int, Descriptor)? in
            guard let offered = entry.platform else { return (Int.max, index, entry) }
            return platform.rank(of: offered).map { ($0, index, entry) }
        }
        return ranked.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }
}

extension ImageIndex: Codable {
    private enum CodingKeys: String, CodingKey {
        case schemaVersion, mediaType, artifactType, manifests, subject, annotations, config, layers
    }

    /// An entry whose digest is of an algorithm unknown here is left out: it cannot be chosen.
    private struct Entry: Decodable {
        let descriptor: Descriptor?

        init(from decoder: any Decoder) throws {
            do {
                descriptor = try Descriptor(from: decoder)
            } catch let error as OCIError where error.problem == .unsupportedDigestAlgorithm {
                descriptor = nil
            }
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func corrupted(_ key: CodingKeys, _ reason: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: reason)
        }
        guard try container.decode(Int.self, forKey: .schemaVersion) == 2 else {
            throw corrupted(.schemaVersion, "not 2")
        }
        guard !container.contains(.layers), !container.contains(.config) else {
            throw corrupted(.manifests, "a document cannot be a manifest and an index at once")
        }
        mediaType =
            try container.decodeIfPresent(String.self, forKey: .mediaType) ?? MediaType.ociIndex
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        manifests = try container.decode([Entry].self, forKey: .manifests).compactMap(\.descriptor)
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations =
            try container.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(2, forKey: .schemaVersion)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encodeIfPresent(artifactType, forKey: .artifactType)
        try container.encode(manifests, forKey: .manifests)
        try container.encodeIfPresent(subject, forKey: .subject)
        if !annotations.isEmpty { try container.encode(annotations, forKey: .annotations) }
    }
}
