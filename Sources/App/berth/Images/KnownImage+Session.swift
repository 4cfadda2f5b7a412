import Engine
import OCI

extension KnownImage {
    /// Every image, newest first; none where nothing was ever done.
    static func all(in session: Session?) async throws -> [KnownImage] {
        try await session?.engine.knownImages() ?? []
    }

    /// The image that a user means; for a platform, if one is given, that the name stands for too.
    static func matching(
        _ text: String,
        platform: Platform? = nil,
        in session: Session?
    ) async throws -> KnownImage {
        guard let session else { throw EngineError.noSuchImage(text) }
        return try await session.engine.knownImage(matching: text, platform: platform)
    }
}
