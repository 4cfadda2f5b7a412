import ImageStore
import Logging
import OCI
import Registry

/// A statement about an image (where it was built, what is in it) that an index lists beside the
/// image. Pulls leave it where it is.
struct Attestation {
    private let descriptor: Descriptor

    /// What one may take, with all its blobs: it goes through memory.
    private static let limit: Int64 = 32 << 20

    init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    /// Brings it from this machine, where builds leave theirs; false when it is not here.
    func bring(
        from store: ImageStore,
        to target: ImageReference,
        _ client: RegistryClient
    ) async throws -> Bool {
        guard let listed = try descriptor.attestationBlobs(in: store),
            listed.reduce(0, { $0 + $1.size }) <= Self.limit
        else { return false }
        for blob in listed.dropFirst() {
            let content = BlobContent(try store.readBlob(blob.digest))
            _ = try await client.upload(blob.digest, content, to: target)
        }
        let document = try ManifestDocument(bytes: store.readBlob(descriptor.digest))
        try await client.pushManifest(document, as: "\(descriptor.digest)", of: target)
        return true
    }

    /// Brings it from one repository into another; false when no source has it or lets us have it.
    func bring(
        from sources: [ImageReference],
        to target: ImageReference,
        _ client: RegistryClient,
        _ logger: Logger
    ) async throws -> Bool {
        for source in sources where source.repository != target.repository {
            do {
                guard let document = try await fetch(from: source, to: target, client) else {
                    continue
                }
                let name = document.descriptor.digest.description
                try await client.pushManifest(document, as: name, of: target)
                return true
            } catch let error as RegistryError where error.purpose == .pull {
                // A registry that does not answer is one that the attestation cannot be had from.
                logger.info("an attestation stays behind: \(error)")
            }
        }
        return false
    }

    /// The manifest, when its blobs are in the target; nil for what is no attestation's.
    private func fetch(
        from source: ImageReference,
        to target: ImageReference,
        _ client: RegistryClient
    ) async throws -> ManifestDocument? {
        let document = try await client.manifest(descriptor, in: source)
        guard case .manifest(let manifest) = document.content else { return nil }
        let blobs = [manifest.config] + manifest.layers
        guard blobs.reduce(0, { $0 + $1.size }) <= Self.limit else { return nil }
        for blob in blobs {
            var bytes: [UInt8] = []
            try await client.fetchBlob(blob, of: source) { bytes += $0 }
            let mounts = source.domain == target.domain ? [source.path] : []
            // The registry checks the digest.
            _ = try await client.upload(
                blob.digest,
                BlobContent(bytes),
                to: target,
                mountingFrom: mounts
            )
        }
        return document
    }
}
