import CNettle

/// SHA-256 over bytes that arrive in pieces; nettle uses the processor's instructions for it.
package struct SHA256: Sendable {
    private var state = sha256_ctx()

    package init() { nettle_sha256_init(&state) }

    /// Takes the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        nettle_sha256_update(&state, bytes.count, start.assumingMemoryBound(to: UInt8.self))
    }

    /// Takes the next bytes.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable {
            update(UnsafeRawBufferPointer($0))
        }
        if done == nil { Array(bytes).withUnsafeBytes { update($0) } }
    }

    /// The digest of everything taken so far; more may follow, it then starts again.
    package mutating func finish() -> Digest { Digest(raw: finishBytes()) }

    /// The same as its 32 bytes.
    package mutating func finishBytes() -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
            nettle_sha256_digest(&state, buffer.count, buffer.baseAddress)
            return Array(buffer)
        }
    }
}

extension Digest {
    /// The digest of some bytes.
    package static func of(_ bytes: some Sequence<UInt8>) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest of each prefix of a stack of layers, lowest first. OCI image-spec, config.md,
    /// "Layer ChainID".
    package static func chain(_ diffIDs: [Digest]) -> [Digest] {
        var chain: [Digest] = []
        for diffID in diffIDs {
            guard let below = chain.last else {
                chain.append(diffID)
                continue
            }
            chain.append(.of("\(below) \(diffID)".utf8))
        }
        return chain
    }
}
