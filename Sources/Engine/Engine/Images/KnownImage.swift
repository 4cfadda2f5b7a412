import ImageStore
package import OCI
package import SystemPackage

/// An image of this machine with what listings and filters ask of it.
package struct KnownImage: Sendable {
    /// As it is written down.
    package var record: ImageRecord
    /// Every name that leads to it.
    package var names: [ImageName]
    /// What `record` has as bytes.
    package var configuration: ImageConfiguration
    /// Canonical references with a tag.
    package var tags: [ImageReference]
    /// Canonical references with a digest.
    package var digests: [ImageReference]
    /// When it was made; nil when its configuration does not say.
    package var created: Timestamp?
    /// What the files of all its layers hold, bottom first. Docker's size of an image is their sum:
    /// what layers share counts for every image, and a layer as often as the image has it. Nil for
    /// a layer that was lost, and then for the image.
    package var layerBytes: [Int64?]
    /// Where the layers lie, bottom first.
    package var layerFolders: [FilePath]
    /// A tag's index lists it; the tag itself leads to the image for another platform.
    package var isListed = false
    /// All layers together.
    package var sizeBytes: Int64? {
        let known = layerBytes.compactMap(\.self)
        return known.count == layerBytes.count ? known.reduce(0, +) : nil
    }

    /// `layerBytes` are the sizes of its layers, bottom first.
    package init(
        _ record: ImageRecord,
        names: [ImageName],
        layerBytes: [Int64?],
        layerFolders: [FilePath] = []
    ) throws {
        self.record = record
        self.names = names
        configuration = try ImageConfiguration(bytes: record.configuration)
        let references = try names.map { try ImageReference($0.reference) }
        tags = references.filter { $0.digest == nil }
        digests = references.filter { $0.digest != nil }
        created = configuration.created.flatMap { Timestamp($0) }
        self.layerBytes = layerBytes
        self.layerFolders = layerFolders
    }

    fileprivate init(_ record: ImageRecord, names: [ImageName], in store: ImageStore) throws {
        try self.init(
            record,
            names: names,
            // Why one cannot be counted is nothing for a listing.
            layerBytes: record.layers.map { try? store.contentBytes(of: $0.diffID) },
            layerFolders: record.layers.map { store.layerPath($0.diffID) }
        )
    }

    /// What it came as, under all its names: configuration, manifests, indexes, layers.
    package var blobs: Set<Digest> {
        var blobs = Set(
            [record.id, record.manifest, record.index].compactMap(\.self)
                + names.flatMap { [$0.manifest, $0.index].compactMap(\.self) }
                + digests.compactMap(\.digest)
        )
        for layers in [record.layers] + names.map(\.layers) {
            blobs.formUnion(layers.compactMap(\.blob))
        }
        return blobs
    }

    /// No name leads to it, or none but digests, and no tag's index lists it.
    package var isDangling: Bool { tags.isEmpty && !isListed }

    /// For sorting: an image that does not say when it was made is the oldest.
    package var moment: Int64 { created?.nanoseconds ?? .min }
}

extension Engine {
    /// Every image with what listings ask of it, newest first.
    package func knownImages() async throws -> [KnownImage] {
        let all = try await images()
        let indexes = Set(
            all.flatMap(\.names).filter { !$0.reference.contains("@") }.compactMap(\.index)
        )
        return
            try all
            .map { image, names in
                var known = try KnownImage(image, names: names, in: imageStore)
                known.isListed =
                    known.tags.isEmpty && names.contains { $0.index.map(indexes.contains) == true }
                return known
            }
            .sorted { left, right in
                guard left.moment == right.moment else { return left.moment > right.moment }
                return (left.tags.first?.familiar ?? "") < (right.tags.first?.familiar ?? "")
            }
    }

    /// The image that a user means; for a platform, if one is given, that the name stands for too.
    /// - Throws: `EngineError` of kind `.notFound`, in docker's words.
    package func knownImage(
        matching text: String,
        platform: Platform? = nil
    ) async throws -> KnownImage {
        guard let record = try await image(matching: text, platform: platform) else {
            throw EngineError.noSuchImage(text)
        }
        let names = try await images().first { $0.image.id == record.id }?.names
        return try KnownImage(record, names: names ?? [], in: imageStore)
    }
}
