/// One image: its configuration and its layers, lowest first. OCI image-spec, manifest.md.
package struct Manifest: Hashable, Sendable {
    package var mediaType: String
    package var artifactType: String?
    package var config: Descriptor
    package var layers: [Descriptor]
    package var subject: Descriptor?
    package var annotations: [String: String]

    /// As many layers as overlay stacks.
    package static let layerLimit = 500

    package init(
        mediaType: String = MediaType.ociManifest,
        config: Descriptor,
        layers: [Descriptor],
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        artifactType = nil
        self.config = config
        self.layers = layers
        subject = nil
        self.annotations = annotations
    }
}

extension Manifest: Codable {
    private enum CodingKeys: String, CodingKey {
        case schemaVersion, mediaType, artifactType, config, layers, subject, annotations
        case manifests
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func corrupted(_ key: CodingKeys, _ reason: String) -> DecodingError {
            .dataCorruptedError(forKey: key, in: container, debugDescription: reason)
        }
        guard try container.decode(Int.self, forKey: .schemaVersion) == 2 else {
            throw corrupted(.schemaVersion, "not 2")
        }
        guard !container.contains(.manifests) else {
            throw corrupted(.manifests, "a document cannot be a manifest and an index at once")
        }
        mediaType =
            try container.decodeIfPresent(String.self, forKey: .mediaType) ?? MediaType.ociManifest
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        config = try container.decode(Descriptor.self, forKey: .config)
        layers = try container.decode([Descriptor].self, forKey: .layers)
        guard layers.count <= Self.layerLimit else {
            throw corrupted(.layers, "more than \(Self.layerLimit) layers")
        }
        subject = try container.decodeIfPresent(Descriptor.self, forKey: .subject)
        annotations =
            try container.decodeIfPresent([String: String].self, forKey: .annotations) ?? [:]
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(2, forKey: .schemaVersion)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encodeIfPresent(artifactType, forKey: .artifactType)
        try container.encode(config, forKey: .config)
        try container.encode(layers, forKey: .layers)
        try container.encodeIfPresent(subject, forKey: .subject)
        if !annotations.isEmpty { try container.encode(annotations, forKey: .annotations) }
    }
}
