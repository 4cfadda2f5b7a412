package import OCI

/// What is to be written beside an image, and where. OCI image-spec, annotations.md; places as buildx
/// knows them.
package struct ImageAnnotations: Hashable, Sendable {
    /// A document or an entry that has annotations.
    package enum Place: String, Sendable, CaseIterable {
        case manifest
        /// The entry of an index that points to the manifest.
        case manifestDescriptor = "manifest-descriptor"
        case index
        /// What points to the index: the entry of an archive.
        case indexDescriptor = "index-descriptor"
    }

    /// One annotation.
    package struct Entry: Hashable, Sendable {
        /// Where it stands.
        package var place: Place
        /// Of a manifest: the platform that it is for; nil is any.
        package var platform: Platform?
        /// What it is called.
        package var key: String
        /// What it says.
        package var value: String

        /// Takes all of it; without a platform it is for any.
        package init(_ place: Place, _ platform: Platform? = nil, key: String, value: String) {
            self.place = place
            self.platform = platform
            self.key = key
            self.value = value
        }
    }

    /// The later of two of one key counts.
    package var entries: [Entry]

    /// Takes them in their order; none at all is usual.
    package init(_ entries: [Entry] = []) { self.entries = entries }

    /// Those of one place; of a manifest, for its platform.
    package func at(_ place: Place, for platform: Platform? = nil) -> [String: String] {
        var result: [String: String] = [:]
        for entry in entries where entry.place == place {
            if let wanted = entry.platform, wanted.normalized != platform?.normalized { continue }
            result[entry.key] = entry.value
        }
        return result
    }

    /// Whether any of them needs an index to stand in.
    package var needsIndex: Bool {
        entries.contains { $0.place == .index || $0.place == .indexDescriptor }
    }
}
