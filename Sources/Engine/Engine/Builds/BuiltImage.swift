package import Builder
import ImageStore

/// What a build gives, while it is brought to where it is wanted.
package struct BuiltImage: Sendable {
    /// As it is, or would be, recorded.
    package var image: ImageRecord
    /// As something to build upon.
    package let base: BaseImage
    /// `SOURCE_DATE_EPOCH`, in seconds since 1970.
    package var sourceDateSeconds: Int?
    /// What its steps gave, for caches elsewhere.
    let steps: [CachedStep]
    /// Keeps garbage collection away as long as this is there.
    private let hold: StoreHold

    init(_ image: ImageRecord, of result: BuildResult) {
        self.image = image
        base = result.base
        sourceDateSeconds = result.sourceDateSeconds
        steps = result.steps
        hold = result.hold
    }
}
