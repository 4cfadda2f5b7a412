package import OCI

/// How far one layer of a push is.
package struct PushProgress: Hashable, Sendable {
    package var reference: ImageReference
    /// Digest of the plain tar, under which Docker shows layers that leave; its first twelve digits.
    package var layer: Digest
    package var state: State

    /// How far a blob is.
    package enum State: Hashable, Sendable {
        case preparing
        case waiting
        /// The layer was made here and has no blob yet: bytes of its tar so far, and in all.
        case compressing(Int64, of: Int64)
        /// Bytes so far, and of the whole blob.
        case pushing(Int64, of: Int64)
        case pushed
        case alreadyThere
        /// Taken over from another repository of the registry, its path.
        case mounted(from: String)
    }
}
