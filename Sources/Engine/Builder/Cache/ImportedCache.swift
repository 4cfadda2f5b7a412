import ImageStore
package import OCI

/// What a step gave, as machines tell each other: under which key, and which layer it is.
package struct CachedStep: Hashable, Codable, Sendable {
    /// What the step depends on.
    package var key: Digest
    /// The layer's diffID.
    package var layer: Digest
    /// Bytes of the layer's tar.
    package var size: Int64
    /// RFC 3339.
    package var created: String
    /// The step as it was written, one line.
    package var text: String

    init(key: Digest, _ record: BuildCache.Record) {
        self.key = key
        layer = record.layer
        size = record.size
        created = record.created
        text = record.text
    }

    var record: BuildCache.Record {
        BuildCache.Record(layer: layer, size: size, created: created, text: text)
    }
}

/// A cache that other builds have filled, on this machine or another (`--cache-from`).
package struct ImportedCache: Sendable {
    /// What it knows, by key.
    package var steps: [Digest: CachedStep]
    /// Brings a step's layer into the store; false where it cannot be had, so that the step is carried
    /// out.
    package var bring: @Sendable (CachedStep) async throws -> Bool

    /// Takes what it knows.
    package init(
        _ steps: [CachedStep],
        bring: @escaping @Sendable (CachedStep) async throws -> Bool
    ) {
        self.steps = Dictionary(steps.map { ($0.key, $0) }) { first, _ in first }
        self.bring = bring
    }
}

extension BuildSession {
    /// What another machine's cache has for a key; it is this machine's from then on.
    func imported(_ key: Digest) async throws -> BuildCache.Record? {
        for cache in request.importedCaches {
            guard let step = cache.steps[key] else { continue }
            let isThere = store.hasLayer(step.layer)
            guard isThere ? true : try await cache.bring(step), store.hasLayer(step.layer) else {
                continue
            }
            try self.cache.store(step.record, for: key)
            return step.record
        }
        return nil
    }
}
