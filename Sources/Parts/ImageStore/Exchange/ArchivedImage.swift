package import OCI
package import SystemPackage

/// An image that an archive holds: its documents are read and agree, its layers lie in staging.
/// Nothing of it is visible yet.
package struct ArchivedImage: Sendable {
    /// The manifest's bytes, as they were found; made here for an archive that has none.
    package var manifest: [UInt8]
    package var configuration: ImageConfiguration
    package var configurationBytes: [UInt8]
    package var layers: [Layer]
    /// The names that the archive gives it.
    package var names: [ImageReference]

    /// One layer, lowest first.
    package struct Layer: Sendable {
        package var blob: Descriptor
        package var diffID: Digest
        /// nil when the store has it already.
        package var content: StagedBlob?
    }

    /// Digest of the configuration.
    package var id: Digest { .of(configurationBytes) }
}

/// Where archives come from.
package enum ArchiveOrigin: Sendable {
    /// A tar, compressed or not.
    case stream(any ByteSource, name: String)
    /// An OCI layout, or an unpacked archive, as a folder.
    case folder(FilePath)
}

extension ArchiveOrigin: CustomStringConvertible {
    /// Its name for people.
    package var description: String {
        switch self {
        case .stream(_, let name): name
        case .folder(let path): path.string
        }
    }
}

extension ImageStore {
    /// Reads an archive of images: an OCI layout, or what `docker save` wrote, in its newer and
    /// its older form. Blocks until the source has ended. Hold the store meanwhile.
    ///
    /// With a platform only images for it are taken; an archive without any is an error.
    package func readArchive(
        _ origin: ArchiveOrigin,
        platform: Platform? = nil
    ) throws -> [ArchivedImage] {
        let content: any ArchiveContent =
            switch origin {
            case .stream(let source, let name):
                try StreamedArchive(source, subject: name, into: self)
            case .folder(let path): try UnpackedArchive(path, into: self)
            }
        let images: [ArchivedImage]
        if try content.file(at: "oci-layout") != nil {
            images = try LayoutReader(content, self, platform).images()
        } else if try content.file(at: "manifest.json") != nil {
            images = try DockerArchiveReader(content, self, platform).images()
        } else {
            throw try notUnderstood(content)
        }
        return images
    }

    private func notUnderstood(_ content: any ArchiveContent) throws -> ImageStoreError {
        let isFirstForm = try content.hasFirstForm || content.file(at: "repositories") != nil
        return ImageStoreError(
            subject: content.subject,
            .refused(
                isFirstForm
                    ? "it has the form of Docker before 1.10 (<id>/json, <id>/layer.tar and no "
                        + "manifest.json), which is not supported: load it with a Docker from 1.10 "
                        + "to 24 and save it again there"
                    : "it holds no images: neither oci-layout nor manifest.json is in it; "
                        + "`berth import` makes an image of the tar of a root file system"
            )
        )
    }
}
