import ImageStore
package import OCI

/// The platforms that an image's name stands for: the entries of the index that it came with, and
/// those of them that are here.
package struct ImageVariants: Sendable {
    /// nil for an image that came alone, or whose index is not here.
    package let index: ManifestDocument?
    /// In the index's order, attestations left out.
    package let entries: [Entry]
    /// Statements about the others.
    package let attestations: [Descriptor]

    /// One platform.
    package struct Entry: Sendable {
        package var descriptor: Descriptor
        /// nil when it is not here, or not whole.
        package var image: ImageRecord?
    }

    /// `all` are the images of this machine, by each of their manifests.
    init(of image: ImageRecord, among all: [ImageRecord], in store: ImageStore) throws {
        let found = try Self.index(of: image, in: store)
        index = found?.document
        let listed = found?.index.manifests ?? []
        attestations = listed.filter(\.isAttestation)
        entries = listed.filter { !$0.isAttestation }.map { entry in
            Entry(
                descriptor: entry,
                image: all.first { $0.manifest == entry.digest && $0.isComplete(in: store) }
            )
        }
    }

    /// Those that run on a platform and are here, best first.
    func images(for platform: Platform) -> [ImageRecord] {
        guard case .index(let index)? = index?.content else { return [] }
        return index.candidates(for: platform).compactMap { candidate in
            entries.first { $0.descriptor.digest == candidate.digest }?.image
        }
    }

    /// The index, when everything that it lists is here; nil otherwise.
    func whole(in store: ImageStore) throws -> Digest? {
        guard let index, entries.allSatisfy({ $0.image != nil }),
            try attestations.allSatisfy({ try $0.attestationBlobs(in: store) != nil })
        else { return nil }
        return index.descriptor.digest
    }

    /// The index that an image came with, if it is still here.
    private static func index(
        of image: ImageRecord,
        in store: ImageStore
    ) throws -> (document: ManifestDocument, index: ImageIndex)? {
        guard let digest = image.index, store.hasBlob(digest) else { return nil }
        let document = try ManifestDocument(bytes: store.readBlob(digest))
        guard case .index(let index) = document.content,
            index.manifests.contains(where: { $0.digest == image.manifest })
        else { return nil }
        return (document, index)
    }
}

extension Engine {
    /// What the names of each of these images stand for.
    package func variants(of images: [ImageRecord]) async throws -> [ImageVariants] {
        let all = try await store.read { db in try ImageRecord.every(db) }
        return try images.map { try ImageVariants(of: $0, among: all, in: imageStore) }
    }

    /// The image a user means by a name or an identifier, for a platform: another one of the index
    /// that the image came with if it fits better. nil for the platform means the image itself.
    package func image(
        matching text: String,
        platform: Platform?
    ) async throws -> ImageRecord? {
        guard let image = try await image(matching: text) else { return nil }
        guard let platform else { return image }
        return try await variant(of: image, named: text, for: platform)
    }

    /// The same for an image that has been found already.
    func variant(
        of image: ImageRecord,
        named text: String,
        for platform: Platform
    ) async throws -> ImageRecord {
        let variants = try await variants(of: [image])[0]
        if let best = variants.images(for: platform).first { return best }
        try image.check(runsOn: platform, as: text)
        return image
    }
}

extension Descriptor {
    /// What the manifest of an attestation lists, itself first; nil when some of it is not here.
    func attestationBlobs(in store: ImageStore) throws -> [Descriptor]? {
        guard store.hasBlob(digest),
            case .manifest(let manifest) = try ManifestDocument(bytes: store.readBlob(digest))
                .content
        else { return nil }
        let blobs = [manifest.config] + manifest.layers
        return blobs.allSatisfy { store.hasBlob($0.digest) } ? [self] + blobs : nil
    }
}

extension ImageRecord {
    /// Throws, in docker's words, when the image is not for a platform.
    func check(
        runsOn platform: Platform,
        as text: String,
        doing action: String = "",
        remedy: String? = nil
    ) throws {
        let found = try ImageConfiguration(bytes: configuration).platform
        guard platform.rank(of: found) == nil else { return }
        throw EngineError(
            .notFound,
            action,
            because: "image with reference \(text) was found but its platform (\(found)) does not "
                + "match the specified platform (\(platform))",
            remedy: remedy
        )
    }
}
