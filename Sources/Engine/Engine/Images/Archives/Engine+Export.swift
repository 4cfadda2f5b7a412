package import ContainerRuntime
import Glibc
import ImageStore
import Linux
import SystemPackage

extension Engine {
    /// Writes a container's file system as one tar, whether it runs or not: its image with what it
    /// changed. What is mounted in it (volumes, /proc, tmpfs) is not part of it; the places are
    /// there, empty.
    package func exportFileSystem(
        of id: ContainerID,
        to sink: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let record = try await container(id)
        let layers = try await fileSystem(of: record)
        let imageStore = imageStore
        try await onOwnThread { () throws(any Error) in
            let view = try PrivateMount.overlay(layers)
            let root = try view.with { view throws(SyscallError) in
                SharedFD(
                    taking: try syscall("open", on: record.name) {
                        openat(view, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                    }
                )
            }
            try imageStore.writeTree(root, subject: "container \(record.name)", to: sink)
        }
        await note(.export, of: id)
    }

    /// The folders that overlay shows as a container's root, topmost first.
    private func fileSystem(of record: ContainerRecord) async throws -> [FilePath] {
        guard let image = try await image(record.image) else {
            throw EngineError(
                .notFound,
                "cannot export container `\(record.name)`",
                because: "its image is gone",
                remedy: "pull or build it again"
            )
        }
        let upper = ContainerFolder(layout.container(record.id.text)).upper
        return (Layout.exists(upper) ? [upper] : []) + [try runtime.initLayer()]
            + (try imageStore.lowerDirectories(for: image.layers.map(\.diffID)))
    }
}
