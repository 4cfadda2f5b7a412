import CNettle

/// SHA-1, to recognise what others have hashed with it; nothing of ours is kept safe by it.
package enum SHA1 {
    /// The 20 bytes of a hash.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var state = sha1_ctx()
        nettle_sha1_init(&state)
        if let start = bytes.baseAddress {
            nettle_sha1_update(&state, bytes.count, start.assumingMemoryBound(to: UInt8.self))
        }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { buffer in
            nettle_sha1_digest(&state, buffer.count, buffer.baseAddress)
            return Array(buffer)
        }
    }
}
