import Glibc
import Linux
package import OCI

/// An image to be written into an archive.
package struct ImageToSave: Hashable, Sendable {
    /// Of its manifest, or of an index, which goes with all that it lists.
    package var manifest: Digest
    /// The names it has in the archive; none for one that was asked for by its identifier.
    package var names: [ImageReference]
    /// What the archive says of it besides names.
    package var annotations: [String: String]

    /// Takes what is to be written, and under which names.
    package init(
        manifest: Digest,
        names: [ImageReference],
        annotations: [String: String] = [:]
    ) {
        self.manifest = manifest
        self.names = names
        self.annotations = annotations
    }
}

/// How images lie in an archive.
package enum ImageArchiveForm: Sendable {
    /// An OCI layout and a docker archive at once.
    case both
    /// An OCI layout alone.
    case layout
}

extension ImageStore {
    /// Writes images as one tar that is an OCI layout and a docker archive at once, as Docker does
    /// since 25.0. The same images give the same bytes; blobs they share are written once; layers
    /// stay as they were received, so that every digest is the one a registry knows.
    ///
    /// Everything is looked for before the first byte is written.
    package func writeArchive(
        of images: [ImageToSave],
        form: ImageArchiveForm = .both,
        to sink: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var plan = try ArchivePlan(images, in: self)
        if form == .layout { plan.leaveLayout() }
        var writer = ArchiveWriter(sink)
        for (path, bytes) in plan.documents { try writer.file(path, bytes) }
        try writer.folder("blobs/")
        try writer.folder("blobs/sha256/")
        for (digest, blob) in plan.blobs {
            let path = ArchivePlan.path(digest)
            switch blob {
            case .stored(let size): try writer.file(path, size: size) { try copy(digest, to: $0) }
            case .made(let size):
                try writer.file(path, size: size) { _ = try writeTar(of: digest, to: $0) }
            }
        }
        try writer.finish()
    }

    /// The bytes of a blob, which must still be what they were.
    private func copy(
        _ digest: Digest,
        to sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let source = try FileSource(blobPath(digest))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
        defer { buffer.deallocate() }
        var hash = SHA256()
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { break }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            hash.update(bytes)
            try sink(bytes)
        }
        let found = hash.finish()
        guard found == digest else {
            throw ImageStoreError(subject: "blob \(digest)", .wrongDigest(found: found))
        }
    }
}
