package import OCI

/// An image that a build needs, and the platform that it needs it for.
package struct PlatformImage: Hashable, Sendable, Comparable {
    /// With a tag or a digest.
    package var reference: ImageReference
    /// That of the stage that begins with it or copies from it.
    package var platform: Platform

    /// Takes both.
    package init(_ reference: ImageReference, _ platform: Platform = .host) {
        self.reference = reference
        self.platform = platform.normalized
    }

    package static func < (one: PlatformImage, other: PlatformImage) -> Bool {
        (one.reference, one.platform.description) < (other.reference, other.platform.description)
    }
}
