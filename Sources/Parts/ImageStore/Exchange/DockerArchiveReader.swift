import Glibc
import Linux
import OCI

/// Finds the images of what `docker save` wrote before it also wrote OCI layouts: `manifest.json`,
/// configurations, and layers by whatever path it gives them.
struct DockerArchiveReader {
    private let content: any ArchiveContent
    private let store: ImageStore
    private let platform: Platform?

    init(_ content: any ArchiveContent, _ store: ImageStore, _ platform: Platform?) {
        self.content = content
        self.store = store
        self.platform = platform
    }

    /// One image as `manifest.json` lists it.
    private struct Entry: Decodable {
        var config: String
        var tags: [String]?
        var layers: [String]?

        private enum CodingKeys: String, CodingKey {
            case config = "Config"
            case tags = "RepoTags"
            case layers = "Layers"
        }
    }

    private func refused(_ reason: String) -> ImageStoreError {
        ImageStoreError(subject: content.subject, .refused(reason))
    }

    func images() throws -> [ArchivedImage] {
        let limit = OCIJSON.configurationLimit
        let bytes = try content.bytes(at: "manifest.json", limit: limit) ?? []
        let entries = try OCIJSON.decode(
            [Entry].self,
            from: bytes,
            limit: limit,
            subject: "\(content.subject): manifest.json"
        )
        guard !entries.isEmpty else { throw refused("it holds no images") }
        var layers: [String: (blob: Descriptor, content: StagedBlob)] = [:]
        var images: [ArchivedImage] = []
        var places: [[UInt8]: Int] = [:]
        for entry in entries {
            guard let image = try image(entry, &layers) else { continue }
            if let known = places[image.manifest] {
                images[known].names += image.names
            } else {
                places[image.manifest] = images.count
                images.append(image)
            }
        }
        guard !images.isEmpty else {
            throw refused("it holds no image for \(platform ?? .host)")
        }
        return images
    }

    private func image(
        _ entry: Entry,
        _ known: inout [String: (blob: Descriptor, content: StagedBlob)]
    ) throws -> ArchivedImage? {
        guard let bytes = try content.bytes(at: entry.config, limit: OCIJSON.configurationLimit)
        else { throw refused("configuration \(entry.config) is missing") }
        let configuration = try ImageConfiguration(
            bytes: bytes,
            subject: "\(content.subject): configuration \(entry.config)"
        )
        try checkName(entry.config, of: bytes)
        if let platform, platform.rank(of: configuration.platform) == nil { return nil }
        let paths = entry.layers ?? []
        guard paths.count == configuration.diffIDs.count else {
            throw refused(
                "manifest.json lists \(paths.count) layers for \(entry.config), "
                    + "the configuration \(configuration.diffIDs.count)"
            )
        }
        guard paths.count <= Manifest.layerLimit else {
            throw refused("an image has at most \(Manifest.layerLimit) layers")
        }
        var layers: [ArchivedImage.Layer] = []
        for (path, diffID) in zip(paths, configuration.diffIDs) {
            let layer = try known[path] ?? layer(at: path)
            known[path] = layer
            layers.append(.init(blob: layer.blob, diffID: diffID, content: layer.content))
        }
        let manifest = Manifest(
            config: Descriptor(mediaType: MediaType.ociConfig, of: bytes),
            layers: layers.map(\.blob)
        )
        return ArchivedImage(
            manifest: try OCIJSON.encode(manifest),
            configuration: configuration,
            configurationBytes: bytes,
            layers: layers,
            names: try (entry.tags ?? []).map { try ImageReference($0).tagged }
        )
    }

    /// `<hex>.json`: the name is the image's identifier.
    private func checkName(_ path: String, of bytes: [UInt8]) throws {
        let name = path.split(separator: "/").last ?? ""
        guard name.hasSuffix(".json"), let digest = Digest(hex: String(name.dropLast(5))) else {
            return
        }
        let found = Digest.of(bytes)
        guard found == digest else {
            throw ImageStoreError(
                subject: "\(content.subject): configuration \(path)",
                .wrongDigest(found: found)
            )
        }
    }

    /// A layer in a form that a manifest can name: what is compressed in another way is unpacked.
    private func layer(
        at path: String
    ) throws -> (blob: Descriptor, content: StagedBlob) {
        guard var file = try content.file(at: path) else {
            throw refused("layer \(path) is missing")
        }
        let mediaType: String
        switch try file.compression() {
        case .none: mediaType = MediaType.ociLayer
        case .gzip: mediaType = MediaType.ociLayerGzip
        case .zstd: mediaType = MediaType.ociLayerZstd
        case .bzip2, .xz:
            let subject = "\(content.subject): layer \(path)"
            file = try store.stage(FileSource(file.path), subject: subject)
            mediaType = MediaType.ociLayer
        }
        let blob = Descriptor(mediaType: mediaType, digest: file.digest, size: file.size)
        return (blob, file)
    }
}
