package import Builder
package import ImageStore
package import OCI

/// What a build gives, while it is brought to where it is wanted.
package struct BuiltImage: Sendable {
    /// Of every platform, in the order that was asked for; as they are, or would be, recorded.
    package var images: [ImageRecord]
    /// What each of them is for.
    package let platforms: [Platform]
    /// What lists them; nil for one image by itself.
    package var index: ManifestDocument?
    /// What is stated of each of them, as JSON; none where nothing is.
    package var statements: [[UInt8]] = []
    /// What was asked to be written beside them.
    package let annotations: ImageAnnotations
    /// As something to build upon, in the same order.
    package let bases: [BaseImage]
    /// What of the outside the build has read.
    package var reading = Reading()
    /// `SOURCE_DATE_EPOCH`, in seconds since 1970.
    package var sourceDateSeconds: Int?
    /// What the steps gave, for caches elsewhere, each once.
    let steps: [CachedStep]
    /// Keeps garbage collection away as long as this is there.
    private let holds: [StoreHold]

    /// What a build may be stale by.
    package struct Reading: Sendable {
        /// References of the images that it was built upon.
        package var images: [String] = []
        /// By the names of contexts; the build's own has none.
        package var contexts: [String: CoveredPaths] = [:]

        /// Nothing.
        package init() {}
    }

    /// `results` are those of the request's platforms.
    init(
        _ results: [BuildResult],
        of request: BuildRequest,
        in store: ImageStore
    ) throws {
        images = try results.map { try ImageRecord(built: $0, in: store) }
        platforms = request.platforms
        annotations = request.annotations
        bases = results.map(\.base)
        sourceDateSeconds = results.first?.sourceDateSeconds
        var seen: Set<Digest> = []
        steps = results.flatMap(\.steps).filter { seen.insert($0.key).inserted }
        holds = results.map(\.hold)
    }

    /// The one that runs best here; the first where none does. Names lead to it.
    package var image: ImageRecord { images[best] }

    /// What that one is for.
    package var platform: Platform { platforms[best] }

    private var best: Int {
        let ranked = platforms.indices.compactMap { index in
            Platform.host.rank(of: platforms[index]).map { (rank: $0, index: index) }
        }
        return ranked.min { ($0.rank, $0.index) < ($1.rank, $1.index) }?.index ?? 0
    }

    /// What is to be written into an archive, under names.
    package func saved(as names: [ImageReference]) -> ImageToSave? {
        if let index {
            return ImageToSave(
                manifest: index.descriptor.digest,
                names: names,
                annotations: annotations.at(.indexDescriptor)
            )
        }
        guard let manifest = image.manifest else { return nil }
        return ImageToSave(
            manifest: manifest,
            names: names,
            annotations: annotations.at(.manifestDescriptor, for: platform)
        )
    }
}

extension Engine {
    /// What points to what a build gave, with its annotations; of one image with its platform.
    package func descriptor(of built: BuiltImage) throws -> Descriptor? {
        if let index = built.index {
            var descriptor = index.descriptor
            descriptor.annotations = built.annotations.at(.indexDescriptor)
            return descriptor
        }
        guard let manifest = built.image.manifest else { return nil }
        let document = try ManifestDocument(bytes: imageStore.readBlob(manifest))
        var descriptor = document.descriptor
        descriptor.platform = built.platform
        descriptor.annotations = built.annotations.at(.manifestDescriptor, for: built.platform)
        return descriptor
    }
}
