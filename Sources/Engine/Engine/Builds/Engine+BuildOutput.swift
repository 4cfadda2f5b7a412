import ContainerRuntime
import Glibc
import ImageStore
import Linux
import OCI
package import SystemPackage

extension Engine {
    /// Copies the files of one of a build's images into a folder of the caller's, who owns the copies; gives the
    /// bytes that a tar of them would have. With a `SOURCE_DATE_EPOCH` all of them are as old as that.
    package func copyFiles(
        of image: ImageRecord,
        of built: BuiltImage,
        into folder: FilePath
    ) async throws -> Int64 {
        try await withFiles(of: image) { root in
            try TreeDelivery.copy(
                from: root,
                into: folder,
                modifiedSeconds: built.sourceDateSeconds
            )
        }
    }

    /// Writes the files of an image as one tar, owners and modes as they are in the image.
    package func writeFiles(
        of built: BuiltImage,
        to sink: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let imageStore = imageStore
        try await withFiles(of: built.image) { root in
            try imageStore.writeTree(
                root,
                subject: "image \(built.image.id)",
                isLayer: false,
                times: built.sourceDateSeconds.map { .exactly($0) } ?? .kept,
                to: sink
            )
        }
    }

    /// The same images with every layer compressed as registries have it; those of an index are already.
    package func compressed(_ built: BuiltImage) async throws -> BuiltImage {
        guard built.index == nil else { return built }
        let imageStore = imageStore
        return try await onOwnThread { () throws(any Error) in
            var result = built
            result.images = try built.images.map { try $0.compressed(in: imageStore) }
            return result
        }
    }

    /// Lends the files of an image, layers over each other, on a thread of its own.
    private func withFiles<R: Sendable>(
        of image: ImageRecord,
        _ body: @escaping @Sendable (SharedFD) throws -> R
    ) async throws -> R {
        // overlay takes no single layer, and one alone may hold marks of deletions.
        let empty = layout.trash.appending(ContainerID.random().text)
        let (imageStore, layers) = (imageStore, image.layers.map(\.diffID))
        return try await onOwnThread { () throws(any Error) in
            try Layout.make(empty)
            try empty.withPlatformString { path in
                _ = try syscall("chmod", on: empty.string) { chmod(path, 0o755) }
            }
            defer { _ = empty.withPlatformString { rmdir($0) } }
            let lower = try imageStore.lowerDirectories(for: layers)
            guard !lower.isEmpty else {
                return try body(SharedFD(try openFile(empty, O_RDONLY | O_DIRECTORY)))
            }
            let view = try PrivateMount.overlay(lower + [empty])
            let root = try view.with { view throws(SyscallError) in
                SharedFD(
                    taking: try syscall("open", on: "image \(image.id)") {
                        openat(view, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                    }
                )
            }
            return try body(root)
        }
    }
}
