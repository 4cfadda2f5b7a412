import OCI

/// Finds the images of an OCI layout. OCI image-spec, image-layout.md.
struct LayoutReader {
    private let content: any ArchiveContent
    private let store: ImageStore
    private let platform: Platform?

    private static let nameAnnotation = "io.containerd.image.name"
    private static let tagAnnotation = "org.opencontainers.image.ref.name"
    /// How deeply indexes may point to indexes.
    private static let depthLimit = 4

    init(_ content: any ArchiveContent, _ store: ImageStore, _ platform: Platform?) {
        self.content = content
        self.store = store
        self.platform = platform
    }

    private struct LayoutFile: Decodable { var imageLayoutVersion: String }

    private func refused(_ reason: String) -> ImageStoreError {
        ImageStoreError(subject: content.subject, .refused(reason))
    }

    func images() throws -> [ArchivedImage] {
        let header = try content.bytes(at: "oci-layout", limit: 1 << 16) ?? []
        let version = try OCIJSON.decode(
            LayoutFile.self,
            from: header,
            limit: 1 << 16,
            subject: "\(content.subject): oci-layout"
        ).imageLayoutVersion
        guard version.hasPrefix("1.") else {
            throw refused("it is of image layout version \(version); 1.0.0 is supported")
        }
        guard let bytes = try content.bytes(at: "index.json", limit: OCIJSON.manifestLimit) else {
            throw refused("index.json is missing")
        }
        let document = try ManifestDocument(
            bytes: bytes,
            subject: "\(content.subject): index.json"
        )
        guard case .index(let index) = document.content else {
            throw refused("index.json is not an image index")
        }
        return try images(of: index)
    }

    /// Entries of one name are one image on several platforms; those without a name are images
    /// of their own.
    private func images(of index: ImageIndex) throws -> [ArchivedImage] {
        // By their manifests: two may list one configuration, and each name keeps its own.
        var found: [Digest: ArchivedImage] = [:]
        var order: [Digest] = []
        var named: [ImageReference: [Descriptor]] = [:]
        var groups: [(name: ImageReference?, entries: [Descriptor])] = []
        for entry in index.manifests where !entry.isAttestation {
            if let name = Self.name(of: entry) {
                if named[name] == nil { groups.append((name, [])) }
                named[name, default: []].append(entry)
            } else {
                groups.append((nil, [entry]))
            }
        }
        for (name, entries) in groups {
            let entries = name.flatMap { named[$0] } ?? entries
            guard let image = try choose(entries, depth: 0) else { continue }
            let manifest = Digest.of(image.manifest)
            if found[manifest] == nil {
                found[manifest] = image
                order.append(manifest)
            }
            if let name { found[manifest]?.names.append(name) }
        }
        guard !order.isEmpty else {
            throw refused(
                index.manifests.isEmpty
                    ? "it holds no images"
                    : "it holds no image for \(platform ?? .host), only \(Self.offered(index))"
            )
        }
        return order.compactMap { found[$0] }
    }

    private static func offered(_ index: ImageIndex) -> String {
        let platforms = Set(index.manifests.compactMap(\.platform).filter { !$0.isUnknown })
        guard !platforms.isEmpty else { return "other things" }
        return platforms.map(\.description).sorted().joined(separator: ", ")
    }

    /// A whole name; a bare tag does not count.
    private static func name(of entry: Descriptor) -> ImageReference? {
        for key in [nameAnnotation, tagAnnotation] {
            guard let text = entry.annotations[key], text.contains(where: { ":/".contains($0) })
            else { continue }
            // An annotation that is no reference is somebody's own word for the image.
            guard let name = try? ImageReference(text) else { continue }
            return name.digest == nil ? name.tagged : nil
        }
        return nil
    }

    /// The image for the platform among descriptors; nil when none is.
    private func choose(_ entries: [Descriptor], depth: Int) throws -> ArchivedImage? {
        let wanted = platform ?? .host
        // One image alone is taken whatever it runs on, unless a platform was asked for.
        let candidates =
            entries.count == 1
            ? entries : ImageIndex(manifests: entries).candidates(for: wanted)
        var missing: (any Error)?
        for entry in candidates {
            do {
                if let image = try image(at: entry, depth: depth) { return image }
            } catch let error as ImageStoreError where error.problem == .missing {
                // Archives of several platforms may hold only some of them.
                missing = missing ?? error
            }
        }
        if let missing { throw missing }
        return nil
    }

    private func image(at entry: Descriptor, depth: Int) throws -> ArchivedImage? {
        guard depth < Self.depthLimit else { throw refused("its indexes are nested too deeply") }
        let bytes = try document(entry, limit: OCIJSON.manifestLimit)
        let document = try ManifestDocument(
            bytes: bytes,
            contentType: entry.mediaType,
            subject: "\(content.subject): manifest \(entry.digest)"
        )
        switch document.content {
        case .index(let index):
            return try choose(index.manifests.filter { !$0.isAttestation }, depth: depth + 1)
        case .manifest(let manifest): return try image(manifest, bytes)
        }
    }

    private func image(_ manifest: Manifest, _ bytes: [UInt8]) throws -> ArchivedImage? {
        guard
            [MediaType.ociConfig, MediaType.dockerConfig].contains(manifest.config.mediaType)
        else {
            throw refused(
                "manifest \(Digest.of(bytes)) is of an artifact "
                    + "(\(manifest.config.mediaType)), not of an image"
            )
        }
        let configurationBytes = try document(
            manifest.config,
            limit: OCIJSON.configurationLimit
        )
        let configuration = try ImageConfiguration(
            bytes: configurationBytes,
            subject: "\(content.subject): configuration \(manifest.config.digest)"
        )
        if let platform, platform.rank(of: configuration.platform) == nil { return nil }
        guard configuration.diffIDs.count == manifest.layers.count else {
            throw refused(
                "manifest \(Digest.of(bytes)) lists \(manifest.layers.count) layers, "
                    + "its configuration \(configuration.diffIDs.count)"
            )
        }
        let layers = try zip(manifest.layers, configuration.diffIDs).map { blob, diffID in
            ArchivedImage.Layer(blob: blob, diffID: diffID, content: try layer(blob))
        }
        return ArchivedImage(
            manifest: bytes,
            configuration: configuration,
            configurationBytes: configurationBytes,
            layers: layers,
            names: []
        )
    }

    /// The blob of a layer; nil when the store has it and the archive left it out.
    private func layer(_ descriptor: Descriptor) throws -> StagedBlob? {
        guard MediaType.isLayer(descriptor.mediaType) else {
            throw refused("\(descriptor.digest) is a layer of type \(descriptor.mediaType)")
        }
        if let file = try content.file(at: ArchivePlan.path(descriptor.digest)) {
            try check(file.size, descriptor)
            return file
        }
        guard store.hasBlob(descriptor.digest) else { throw missing(descriptor) }
        try store.check(descriptor)
        return nil
    }

    private func document(_ descriptor: Descriptor, limit: Int) throws -> [UInt8] {
        if let data = descriptor.data { return data }
        guard let bytes = try content.bytes(at: ArchivePlan.path(descriptor.digest), limit: limit)
        else {
            guard store.hasBlob(descriptor.digest) else { throw missing(descriptor) }
            try store.check(descriptor)
            return try store.readBlob(descriptor.digest, limit: limit)
        }
        try check(Int64(bytes.count), descriptor)
        return bytes
    }

    private func check(_ size: Int64, _ descriptor: Descriptor) throws {
        guard size == descriptor.size else {
            throw ImageStoreError(
                subject: "\(content.subject): blob \(descriptor.digest)",
                .wrongSize(expected: descriptor.size, found: size)
            )
        }
    }

    private func missing(_ descriptor: Descriptor) -> ImageStoreError {
        ImageStoreError(subject: "\(content.subject): blob \(descriptor.digest)", .missing)
    }
}
