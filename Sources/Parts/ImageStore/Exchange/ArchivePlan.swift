import OCI

/// What goes into an archive, decided before it is written.
struct ArchivePlan {
    enum Blob {
        case stored(size: Int64)
        /// A layer that was made here and never compressed: its tar is written again.
        case made(size: Int64)
    }

    /// The files at the top, sorted by name.
    var documents: [(path: String, bytes: [UInt8])] = []
    /// Manifests and configurations first, in order; then layers.
    var blobs: [(digest: Digest, blob: Blob)] = []
    private var known: Set<Digest> = []
    private var entries: [Entry] = []
    private var repositories: [String: [String: String]] = [:]
    private var layers: [(Descriptor, diffID: Digest)] = []

    /// One image in `manifest.json`.
    private struct Entry: Encodable {
        var config: String
        var tags: [String]?
        var layers: [String]
        /// What each layer came as, by its diffID.
        var sources: [String: Descriptor]

        private enum CodingKeys: String, CodingKey {
            case config = "Config"
            case tags = "RepoTags"
            case layers = "Layers"
            case sources = "LayerSources"
        }

        init(
            _ image: ImageToSave,
            _ manifest: Manifest,
            _ configuration: ImageConfiguration
        ) {
            config = ArchivePlan.path(manifest.config.digest)
            tags = image.names.isEmpty ? nil : image.names.map(\.familiar)
            layers = manifest.layers.map { ArchivePlan.path($0.digest) }
            sources = Dictionary(
                zip(configuration.diffIDs.map(\.description), manifest.layers),
                uniquingKeysWith: { first, _ in first }
            )
        }

        /// Without tags `null` is written, as Docker does.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(config, forKey: .config)
            try container.encode(tags, forKey: .tags)
            try container.encode(layers, forKey: .layers)
            try container.encode(sources, forKey: .sources)
        }
    }

    /// Where a blob is in the archive.
    static func path(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }

    init(_ images: [ImageToSave], in store: ImageStore) throws {
        var index = ImageIndex(manifests: [])
        for image in images {
            let document = try ManifestDocument(bytes: store.readBlob(image.manifest))
            var descriptor = document.descriptor
            switch document.content {
            case .manifest(let manifest):
                descriptor.platform = try add(manifest, document, of: image, in: store)
            case .index(let listed): try add(listed, document, of: image, in: store)
            }
            descriptor.annotations = image.annotations
            index.manifests += Self.entries(descriptor, image.names)
        }
        for (layer, diffID) in layers { add(layer.digest, try Self.find(layer, diffID, in: store)) }
        documents = [
            ("index.json", try OCIJSON.encode(index)),
            ("manifest.json", try OCIJSON.encode(entries)),
            ("oci-layout", Array(#"{"imageLayoutVersion": "1.0.0"}"#.utf8)),
        ]
        if !repositories.isEmpty {
            documents.append(("repositories", try OCIJSON.encode(repositories)))
        }
    }

    /// Leaves what an OCI layout consists of.
    mutating func leaveLayout() {
        documents.removeAll { !["index.json", "oci-layout"].contains($0.path) }
    }

    /// Adds one image. With `image` docker's list has it, too, for those that read no more.
    @discardableResult
    private mutating func add(
        _ manifest: Manifest,
        _ document: ManifestDocument,
        of image: ImageToSave?,
        in store: ImageStore
    ) throws -> Platform {
        let configuration = try ImageConfiguration(bytes: store.readBlob(manifest.config.digest))
        try store.check(manifest.config)
        add(document.descriptor.digest, .stored(size: Int64(document.bytes.count)))
        add(manifest.config.digest, .stored(size: manifest.config.size))
        layers += zip(manifest.layers, configuration.diffIDs).map { ($0, $1) }
        guard let image else { return configuration.platform }
        entries.append(Entry(image, manifest, configuration))
        for name in image.names {
            guard let tag = name.tag, let top = manifest.layers.last else { continue }
            repositories[name.familiarName, default: [:]][tag] = top.digest.hex
        }
        return configuration.platform
    }

    /// Adds everything that an index lists. Docker's list has the image for this machine.
    private mutating func add(
        _ index: ImageIndex,
        _ document: ManifestDocument,
        of image: ImageToSave,
        in store: ImageStore
    ) throws {
        add(document.descriptor.digest, .stored(size: Int64(document.bytes.count)))
        let shown =
            index.candidates(for: .host).first
            ?? index.manifests.first { !$0.isAttestation }
        for entry in index.manifests {
            let child = try ManifestDocument(bytes: store.readBlob(entry.digest))
            guard case .manifest(let manifest) = child.content else {
                throw ImageStoreError(
                    subject: "index \(image.manifest)",
                    .refused("it lists an index; pull the image again")
                )
            }
            guard entry.isAttestation else {
                let isShown = entry.digest == shown?.digest
                try add(manifest, child, of: isShown ? image : nil, in: store)
                continue
            }
            add(entry.digest, .stored(size: Int64(child.bytes.count)))
            for blob in [manifest.config] + manifest.layers {
                try store.check(blob)
                add(blob.digest, .stored(size: blob.size))
            }
        }
    }

    private mutating func add(_ digest: Digest, _ blob: Blob) {
        if known.insert(digest).inserted { blobs.append((digest, blob)) }
    }

    private static func find(
        _ layer: Descriptor,
        _ diffID: Digest,
        in store: ImageStore
    ) throws -> Blob {
        try store.check(layer)
        if let size = store.blobSize(layer.digest) { return .stored(size: size) }
        guard layer.digest == diffID, store.hasLayer(diffID) else {
            throw ImageStoreError(subject: "blob \(layer.digest)", .missing)
        }
        return .made(size: try store.layerRecord(diffID).size)
    }

    private static func entries(_ image: Descriptor, _ names: [ImageReference]) -> [Descriptor] {
        guard !names.isEmpty else { return [image] }
        return names.map { name in
            var entry = image
            entry.annotations["io.containerd.image.name"] = name.description
            if let tag = name.tag {
                entry.annotations["org.opencontainers.image.ref.name"] = tag
            }
            return entry
        }
    }
}
