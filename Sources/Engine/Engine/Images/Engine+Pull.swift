import Logging
package import OCI
package import Registry

extension Engine {
    /// Pulls an image and records it under its names. One client may serve many pulls.
    /// Without one, a client is made that knows no credentials. `progress` is called often, from any
    /// thread; nil for the platform means this machine's.
    @discardableResult
    package func pull(
        _ reference: ImageReference,
        platform: Platform? = nil,
        client: RegistryClient? = nil,
        progress: @escaping @Sendable (PullProgress) -> Void = { _ in }
    ) async throws -> ImageRecord {
        let client = client ?? RegistryClient(logger: logger)
        let pulled = try await ImagePull(store: imageStore, client: client).pull(
            reference,
            platform: platform,
            progress: progress
        )
        for warning in pulled.warnings { logger.warning("\(warning)") }
        let image = ImageRecord(
            id: pulled.id,
            manifest: pulled.manifest,
            configuration: pulled.configurationBytes,
            layers: pulled.layers.map { .init(diffID: $0.diffID, blob: $0.blob.digest) },
            sizeBytes: pulled.unpackedBytes,
            recordedAt: .now()
        )
        try await record(image, as: pulled.names)
        return withExtendedLifetime(pulled.hold) { image }
    }
}
