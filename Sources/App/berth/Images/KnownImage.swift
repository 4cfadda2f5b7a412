import Engine
import ImageStore
import OCI

/// An image of this machine with what listings and filters ask of it.
struct KnownImage {
    var record: ImageRecord
    var names: [ImageName]
    var configuration: ImageConfiguration
    /// Canonical references with a tag, and those with a digest.
    var tags: [ImageReference]
    var digests: [ImageReference]
    /// When it was made; nil when its configuration does not say.
    var created: Timestamp?
    /// What the files of all its layers hold, bottom first. Docker's size of an image is their sum:
    /// what layers share counts for every image, and a layer as often as the image has it. Nil for
    /// a layer that was lost, and then for the image.
    var layerBytes: [Int64?]
    var sizeBytes: Int64? {
        let known = layerBytes.compactMap(\.self)
        return known.count == layerBytes.count ? known.reduce(0, +) : nil
    }

    /// `layerBytes` are the sizes of its layers, bottom first.
    init(_ record: ImageRecord, names: [ImageName], layerBytes: [Int64?]) throws {
        self.record = record
        self.names = names
        configuration = try ImageConfiguration(bytes: record.configuration)
        let references = try names.map { try ImageReference($0.reference) }
        tags = references.filter { $0.digest == nil }
        digests = references.filter { $0.digest != nil }
        created = configuration.created.flatMap { Timestamp($0) }
        self.layerBytes = layerBytes
    }

    private init(_ record: ImageRecord, names: [ImageName], in store: ImageStore) throws {
        try self.init(
            record,
            names: names,
            // Why one cannot be counted is nothing for a listing.
            layerBytes: record.layers.map { try? store.contentBytes(of: $0.diffID) }
        )
    }

    /// What it came as, under all its names: configuration, manifests, indexes, layers.
    var blobs: Set<Digest> {
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

    /// No name leads to it, or none but digests.
    var isDangling: Bool { tags.isEmpty }

    /// Every image, newest first.
    static func all(in session: Session?) async throws -> [KnownImage] {
        guard let session else { return [] }
        let store = session.engine.imageStore
        return try await session.engine.images()
            .map { try KnownImage($0.image, names: $0.names, in: store) }
            .sorted { left, right in
                guard left.moment == right.moment else { return left.moment > right.moment }
                return (left.tags.first?.familiar ?? "") < (right.tags.first?.familiar ?? "")
            }
    }

    /// The image that a user means; for a platform, if one is given, that the name stands for too.
    static func matching(
        _ text: String,
        platform: Platform? = nil,
        in session: Session?
    ) async throws -> KnownImage {
        guard let session,
            let record = try await session.engine.image(matching: text, platform: platform)
        else { throw EngineError.noSuchImage(text) }
        let names = try await session.engine.images().first { $0.image.id == record.id }?.names
        return try KnownImage(record, names: names ?? [], in: session.engine.imageStore)
    }

    /// For sorting: an image that does not say when it was made is the oldest.
    var moment: Int64 { created?.nanoseconds ?? .min }
}
