/// What a layer may be at most; beyond it, it is taken for a bomb.
package struct UnpackLimits: Hashable, Sendable {
    /// Bytes of the plain tar, and of all its files together, holes included.
    package var bytes: Int64
    package var entries: Int

    package init(bytes: Int64 = 256 << 30, entries: Int = 4_000_000) {
        self.bytes = bytes
        self.entries = entries
    }
}
