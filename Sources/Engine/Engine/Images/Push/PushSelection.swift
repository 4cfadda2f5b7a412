import GRDB
import ImageStore
import Logging
import OCI
import Registry

/// Which images a push is about.
struct PushSelection {
    /// The image the tag leads to last: its name is given last.
    private(set) var images: [ImageRecord]
    /// The index they came with, when it is to be pushed, too.
    private(set) var index: ManifestDocument?
    /// Otherwise the index that cannot be, for want of what it lists.
    private(set) var incompleteIndex: Digest?
    /// A blob for each layer of any image, as far as there is one.
    private(set) var blobs: [Digest: Digest] = [:]
    /// What the index lists and is not here: images of other platforms, attestations.
    private var absent: [Descriptor] = []
    /// Repositories that have had the index.
    private var sources: [ImageReference] = []
    private let logger: Logger

    /// Looks at what is here. `complete` has to be called before the selection is used.
    init(_ reference: ImageReference, _ platform: Platform?, _ engine: Engine) async throws {
        logger = engine.logger
        let (image, names, all) = try await engine.store.read { db in
            guard let image = try ImageRecord.named(reference, db) else {
                throw Engine.absent(reference)
            }
            let names = try db.texts(
                "SELECT reference FROM imageNames WHERE image = ? AND reference LIKE '%@%'",
                [image.id.description]
            )
            return (image, names, try ImageRecord.every(db))
        }
        for layer in all.flatMap(\.layers) {
            if let blob = layer.blob { blobs[layer.diffID] = blob }
        }
        images = [image]
        let variants = try ImageVariants(of: image, among: all, in: engine.imageStore)
        if let platform {
            if let other = variants.images(for: platform).first {
                images = [other]
            } else {
                try image.check(
                    runsOn: platform,
                    as: reference.familiar,
                    doing: "cannot push `\(reference.familiar)`",
                    remedy: "pull that platform first"
                )
            }
        } else if let index = variants.index {
            self.index = index
            images = variants.entries.compactMap(\.image).filter { $0.id != image.id } + [image]
            absent =
                variants.entries.filter { $0.image == nil }.map(\.descriptor)
                + variants.attestations
            sources = try names.map { try ImageReference($0) }
                .filter { $0.digest == index.descriptor.digest }
        }
    }

    /// Sees to it that the repository has what the index lists and is not here: it has it already,
    /// as when an image only gets another tag, or an attestation, which is small, is brought there
    /// from here, or from where the image came from. When that fails the image goes alone.
    mutating func complete(
        with client: RegistryClient,
        from store: ImageStore,
        for reference: ImageReference
    ) async throws {
        guard let index else { return }
        for document in absent {
            if try await client.hasManifest(document.digest, in: reference) { continue }
            if document.isAttestation {
                let statement = Attestation(document)
                if try await statement.bring(from: store, to: reference, client) { continue }
                if try await statement.bring(from: sources, to: reference, client, logger) {
                    continue
                }
            }
            incompleteIndex = index.descriptor.digest
            self.index = nil
            images.removeFirst(images.count - 1)
            return
        }
    }
}
