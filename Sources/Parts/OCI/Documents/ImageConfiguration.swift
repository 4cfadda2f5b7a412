/// How an image is run and what it is made of. OCI image-spec, config.md.
package struct ImageConfiguration: Hashable, Sendable {
    /// RFC 3339.
    package var created: String?
    package var author: String?
    package var platform: Platform
    package var config: ContainerDefaults
    /// The layers' digests before compression, lowest first.
    package var diffIDs: [Digest]
    package var history: [History]

    package init(
        platform: Platform = .host,
        config: ContainerDefaults = ContainerDefaults(),
        diffIDs: [Digest] = [],
        history: [History] = [],
        created: String? = nil,
        author: String? = nil
    ) {
        self.created = created
        self.author = author
        self.platform = platform
        self.config = config
        self.diffIDs = diffIDs
        self.history = history
    }

    /// Reads the blob that a manifest calls `config`.
    package init(bytes: [UInt8], subject: String = "image configuration") throws(OCIError) {
        self = try OCIJSON.decode(
            Self.self,
            from: bytes,
            limit: OCIJSON.configurationLimit,
            subject: subject
        )
    }

    /// One step of making the image.
    package struct History: Hashable, Sendable, Codable {
        package var created: String?
        package var createdBy: String?
        package var author: String?
        package var comment: String?
        /// Whether the step made no layer.
        package var isEmptyLayer: Bool

        package init(
            created: String? = nil,
            createdBy: String? = nil,
            author: String? = nil,
            comment: String? = nil,
            isEmptyLayer: Bool = false
        ) {
            self.created = created
            self.createdBy = createdBy
            self.author = author
            self.comment = comment
            self.isEmptyLayer = isEmptyLayer
        }

        private enum CodingKeys: String, CodingKey {
            case created, author, comment
            case createdBy = "created_by"
            case isEmptyLayer = "empty_layer"
        }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            created = try container.decodeIfPresent(String.self, forKey: .created)
            createdBy = try container.decodeIfPresent(String.self, forKey: .createdBy)
            author = try container.decodeIfPresent(String.self, forKey: .author)
            comment = try container.decodeIfPresent(String.self, forKey: .comment)
            isEmptyLayer = try container.decodeIfPresent(Bool.self, forKey: .isEmptyLayer) ?? false
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(created, forKey: .created)
            try container.encodeIfPresent(createdBy, forKey: .createdBy)
            try container.encodeIfPresent(author, forKey: .author)
            try container.encodeIfPresent(comment, forKey: .comment)
            if isEmptyLayer { try container.encode(true, forKey: .isEmptyLayer) }
        }
    }
}

extension ImageConfiguration: Codable {
    private enum CodingKeys: String, CodingKey {
        case created, author, config, rootfs, history
    }

    private struct RootFS: Codable {
        var type: String
        var diffIDs: [Digest]

        private enum CodingKeys: String, CodingKey {
            case type
            case diffIDs = "diff_ids"
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        platform = try Platform(from: decoder)
        created = try container.decodeIfPresent(String.self, forKey: .created)
        author = try container.decodeIfPresent(String.self, forKey: .author)
        config =
            try container.decodeIfPresent(ContainerDefaults.self, forKey: .config)
            ?? ContainerDefaults()
        let rootfs = try container.decode(RootFS.self, forKey: .rootfs)
        guard rootfs.type == "layers" else {
            throw DecodingError.dataCorruptedError(
                forKey: .rootfs,
                in: container,
                debugDescription: "type is not \"layers\""
            )
        }
        diffIDs = rootfs.diffIDs
        history = try container.decodeIfPresent([History].self, forKey: .history) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        try platform.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(created, forKey: .created)
        try container.encodeIfPresent(author, forKey: .author)
        try container.encode(config, forKey: .config)
        try container.encode(RootFS(type: "layers", diffIDs: diffIDs), forKey: .rootfs)
        if !history.isEmpty { try container.encode(history, forKey: .history) }
    }
}
