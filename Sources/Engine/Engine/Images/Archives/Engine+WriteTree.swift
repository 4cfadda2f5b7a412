import Glibc
import ImageStore
import Linux
package import SystemPackage

extension Engine {
    /// Writes a folder down as a tar in its one form, as `importImage` takes it.
    package func writeTree(
        below root: FilePath,
        to sink: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        let imageStore = imageStore
        try await onOwnThread { () throws(any Error) in
            try imageStore.writeTree(
                SharedFD(try openFile(root, O_RDONLY | O_DIRECTORY)),
                subject: "root",
                to: sink
            )
        }
    }
}
