package import OCI

/// How far one layer of a pull is.
package struct PullProgress: Hashable, Sendable {
    package var reference: ImageReference
    /// Digest of the compressed blob; Docker shows its first twelve digits.
    package var layer: Digest
    /// Of the blob, in bytes.
    package var size: Int64
    package var state: State

    /// How far a layer is.
    package enum State: Hashable, Sendable {
        case waiting
        /// Bytes so far; unpacking goes on at the same time.
        case downloading(Int64)
        /// Everything has arrived; the rest is being unpacked and synced.
        case unpacking
        case done
        case alreadyThere
    }
}

extension PullProgress: CustomStringConvertible {
    /// A short line.
    package var description: String {
        let name = layer.hex.prefix(12)
        switch state {
        case .waiting: return "\(name) waiting"
        case .downloading(let bytes):
            return "\(name) downloading \(size == 0 ? 100 : bytes * 100 / size) %"
        case .unpacking: return "\(name) unpacking"
        case .done: return "\(name) done"
        case .alreadyThere: return "\(name) already there"
        }
    }
}
