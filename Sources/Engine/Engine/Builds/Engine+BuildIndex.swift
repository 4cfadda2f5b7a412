import Builder
import GRDB
import ImageStore
import Linux
import OCI

extension Engine {
    /// The same result with an index that lists its images and what is stated of them. Their layers are compressed first, since an
    /// index names manifests by their digests, and a push must not change them.
    func indexed(
        _ built: BuiltImage,
        _ results: [BuildResult],
        _ request: BuildRequest,
        as names: [ImageReference],
        began: Timestamp
    ) async throws -> BuiltImage {
        let imageStore = imageStore
        return try await onOwnThread { () throws(any Error) in
            var result = built
            result.images = try built.images.map { try $0.compressed(in: imageStore) }
            var entries = try zip(result.images, built.platforms).map { image, platform in
                let document = try image.manifest(in: imageStore, for: "list image \(image.id)")
                    .document
                var entry = document.descriptor
                entry.platform = platform
                entry.annotations = built.annotations.at(.manifestDescriptor, for: platform)
                return entry
            }
            let stated = request.provenance?.names ?? []
            for (place, platformResult) in results.enumerated() {
                let statement = ProvenanceStatement(
                    about: entries[place].digest,
                    as: stated.isEmpty ? names : stated,
                    platformResult,
                    request,
                    for: built.platforms[place],
                    began: began
                )
                guard let statement else { break }
                let bytes = try OCIJSON.encode(statement)
                result.statements.append(bytes)
                let entry = try AttestationManifest.write(
                    bytes,
                    type: ProvenanceStatement.predicateType,
                    about: entries[place].digest,
                    into: imageStore
                )
                entries.append(entry)
            }
            let index = ImageIndex(manifests: entries, annotations: built.annotations.at(.index))
            let document = try ManifestDocument(bytes: OCIJSON.encode(index))
            _ = try imageStore.writeBlob(document.bytes)
            result.index = document
            for place in result.images.indices {
                result.images[place].index = document.descriptor.digest
            }
            return result
        }
    }

    /// Writes down every image of a build. Names lead to the one for this machine; the others of an index
    /// are known by the digests of their manifests in the same repositories.
    ///
    /// Nothing is written where all of it is written down already, and was within the hour: no event then
    /// says so, and the time of a name is at most that old.
    func record(_ built: BuiltImage, as names: [ImageReference]) async throws {
        let own = built.image
        let isKnown = try await store.read { db in try built.isRecorded(as: names, db) }
        if isKnown { return }
        try await store.write { db in
            for image in built.images { try image.insertUnlessKnown(db) }
            for name in names {
                for other in built.images where other.id != own.id {
                    guard let manifest = other.manifest else { continue }
                    try ImageName.point(name.repository.with(digest: manifest), to: other, db)
                }
                try ImageName.point(name, to: own, db)
            }
            try ImageOrigin.build.note(own, names, db)
        }
    }
}

extension BuiltImage {
    /// How old what is written down may be.
    private static let hour: Int64 = 3600 * 1_000_000_000

    /// Whether every image is known by its manifest, and every name leads where it should.
    fileprivate func isRecorded(as names: [ImageReference], _ db: Database) throws -> Bool {
        let known = try images.allSatisfy { image in
            guard let found = try ImageRecord.identified(image.id, db) else { return false }
            return !names.isEmpty || found.manifest == image.manifest
        }
        guard known else { return false }
        let oldest = Timestamp.now().nanoseconds - Self.hour
        return try names.allSatisfy { name in
            guard let found = try ImageName.named(name.resolvable.description, db) else {
                return false
            }
            return found.image == image.id && found.manifest == image.manifest
                && found.index == image.index && found.updatedAt.nanoseconds > oldest
        }
    }
}
