package import OCI

/// What a push has put under a tag.
package struct PushedImage: Hashable, Sendable {
    package var reference: ImageReference
    /// Of the manifest, or of the index if all of its images went along.
    package var digest: Digest
    /// Of that document, in bytes.
    package var size: Int
    /// The index that the image came with, when its other images are not here and so only this one
    /// was pushed; nil otherwise.
    package var incompleteIndex: Digest?
}
