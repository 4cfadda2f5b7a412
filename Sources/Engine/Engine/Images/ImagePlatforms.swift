import ImageStore
package import OCI

/// An image with the platforms that its name stands for, and what each takes on the disk.
package struct ImagePlatforms: Sendable {
    /// The image itself.
    package var image: KnownImage
    /// What it takes.
    package var size: Size
    /// Those that its index lists; none for an image that came alone.
    package var platforms: [Entry]

    /// One platform of an image's index.
    package struct Entry: Sendable {
        /// What the index says of it.
        package var descriptor: Descriptor
        /// nil when it is not here.
        package var image: (id: Digest, size: Size)?
    }

    /// What an image takes.
    package struct Size: Hashable, Sendable {
        /// With everything unpacked; nil when some of it is lost.
        package var disk: Int64?
        /// As it came.
        package var content: Int64
    }
}

extension Engine {
    /// The platforms that the names of these images stand for.
    package func platforms(of images: [KnownImage]) async throws -> [ImagePlatforms] {
        let variants = try await variants(of: images.map(\.record))
        return zip(images, variants).map { image, variants in
            ImagePlatforms(
                image: image,
                size: ImagePlatforms.Size(of: image.record, in: imageStore),
                platforms: variants.entries.map { entry in
                    ImagePlatforms.Entry(
                        descriptor: entry.descriptor,
                        image: entry.image.map {
                            ($0.id, ImagePlatforms.Size(of: $0, in: imageStore))
                        }
                    )
                }
            )
        }
    }
}

extension ImagePlatforms.Size {
    /// Nothing.
    package static let zero = Self(disk: 0, content: 0)

    /// Of several together; nil on the disk when one is unknown.
    package static func sum(_ sizes: [Self]) -> Self {
        let known = sizes.compactMap(\.disk)
        return Self(
            disk: known.count == sizes.count ? known.reduce(0, +) : nil,
            content: sizes.reduce(0) { $0 + $1.content }
        )
    }

    init(of image: ImageRecord, in store: ImageStore) {
        var seen: Set<Digest> = []
        let blobs = image.layers.compactMap(\.blob).filter { seen.insert($0).inserted }
        let layers = blobs.reduce(Int64(0)) { $0 + (store.blobSize($1) ?? 0) }
        content = layers + Int64(image.configuration.count)
        // Why one cannot be counted is nothing for a listing.
        let unpacked = image.layers.map { try? store.contentBytes(of: $0.diffID) }
        let known = unpacked.compactMap(\.self)
        disk = known.count == unpacked.count ? known.reduce(content, +) : nil
    }
}
