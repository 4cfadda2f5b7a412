/// What a registry answers under a tag: one image, or an index of several. The bytes are kept, the
/// digest is over exactly them.
package struct ManifestDocument: Hashable, Sendable {
    package let bytes: [UInt8]
    package let content: Content

    /// What the document is.
    package enum Content: Hashable, Sendable {
        case manifest(Manifest)
        case index(ImageIndex)
    }

    /// The few words that tell the kinds apart.
    private struct Shape: Decodable {
        var schemaVersion: Int?
        var mediaType: String?
        var isIndex: Bool

        private enum CodingKeys: String, CodingKey { case schemaVersion, mediaType, manifests }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            schemaVersion = try container.decodeIfPresent(Int.self, forKey: .schemaVersion)
            mediaType = try container.decodeIfPresent(String.self, forKey: .mediaType)
            isIndex = container.contains(.manifests)
        }
    }

    /// Reads a document. Its shape decides what it is; a type declared inside or outside
    /// (`contentType`) that says something else makes it invalid.
    package init(
        bytes: [UInt8],
        contentType: String? = nil,
        subject: String = "manifest"
    ) throws(OCIError) {
        func decode<T: Decodable>(_ type: T.Type) throws(OCIError) -> T {
            try OCIJSON.decode(
                type,
                from: bytes,
                limit: OCIJSON.manifestLimit,
                subject: subject
            )
        }
        let shape = try decode(Shape.self)
        if shape.schemaVersion == 1 { throw OCIError(subject: subject, .legacySchema) }
        for declared in [shape.mediaType, contentType].compactMap({ $0 }) {
            let contradicts =
                shape.isIndex ? MediaType.isManifest(declared) : MediaType.isIndex(declared)
            if contradicts {
                throw OCIError(
                    subject: subject,
                    .invalidDocument("declared as \(declared), which it is not")
                )
            }
        }
        self.bytes = bytes
        content =
            shape.isIndex
            ? .index(try decode(ImageIndex.self)) : .manifest(try decode(Manifest.self))
    }

    /// Points to the document.
    package var descriptor: Descriptor { Descriptor(mediaType: mediaType, of: bytes) }

    package var mediaType: String {
        switch content {
        case .manifest(let manifest): manifest.mediaType
        case .index(let index): index.mediaType
        }
    }
}
