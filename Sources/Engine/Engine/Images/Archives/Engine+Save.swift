package import ImageStore
import Linux
package import OCI

extension Engine {
    /// Finds the images to save: by name with the name, a repository without a tag with all its
    /// tags, by identifier without a name. An image named several ways is there once, but for
    /// names that it came under by different manifests. An index goes along when everything that it lists is
    /// here.
    package func imagesToSave(
        _ texts: [String],
        platform: Platform? = nil
    ) async throws -> [ImageToSave] {
        let tagged = Self.tagged(try await images())
        var wanted: [Digest: Set<ImageReference>] = [:]
        for text in texts {
            var found: [(ImageRecord, ImageReference?)] = Self.tags(of: text, among: tagged)
            if found.isEmpty {
                guard let image = try await image(matching: text) else {
                    throw EngineError.noSuchImage(text)
                }
                found = [(image, nil)]
            }
            for (named, name) in found {
                var image = named
                if let platform {
                    image = try await variant(of: named, named: text, for: platform)
                }
                guard let manifest = image.manifest else {
                    throw EngineError(
                        .state,
                        "cannot save image \(image.id)",
                        because: "it has no manifest",
                        remedy: "pull or build it again"
                    )
                }
                var saved = manifest
                if platform == nil, name != nil {
                    saved = try await variants(of: [image])[0].whole(in: imageStore) ?? manifest
                }
                wanted[saved, default: []].formUnion(name.map { [$0] } ?? [])
            }
        }
        // Sorted: the same images give the same archive, in whatever order they were named.
        return wanted.sorted { $0.key < $1.key }.map { manifest, names in
            ImageToSave(manifest: manifest, names: names.sorted())
        }
    }

    /// Writes images to a sink as one archive. Nothing is written when one of them is not whole.
    package func save(
        _ images: [ImageToSave],
        form: ImageArchiveForm = .both,
        to sink: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let imageStore = imageStore
        let hold = try await imageStore.hold()
        try await onOwnThread { () throws(any Error) in
            try imageStore.writeArchive(of: images, form: form, to: sink)
        }
        withExtendedLifetime(hold) {}
        await noteSaved(images.map(\.manifest))
    }

    /// Images by their repositories, each as it came under one of its tags.
    private static func tagged(
        _ all: [(image: ImageRecord, names: [ImageName])]
    ) -> [ImageReference: [(ImageRecord, ImageReference?)]] {
        var result: [ImageReference: [(ImageRecord, ImageReference?)]] = [:]
        for (image, names) in all {
            for name in names {
                // It was written from a reference.
                guard let known = try? ImageReference(name.reference), known.digest == nil
                else { continue }
                result[known.repository, default: []].append((image.under(name), known))
            }
        }
        return result
    }

    /// The tags that a text means: itself, or all of a repository that is named without one.
    private static func tags(
        of text: String,
        among all: [ImageReference: [(ImageRecord, ImageReference?)]]
    ) -> [(ImageRecord, ImageReference?)] {
        // A text that is no name means an identifier, which has no tag to keep.
        guard Digest(text) == nil, let wanted = try? ImageReference(text), wanted.digest == nil
        else { return [] }
        return (all[wanted.repository] ?? []).filter { _, known in
            wanted.tag == nil || wanted.tag == known?.tag
        }
    }
}
