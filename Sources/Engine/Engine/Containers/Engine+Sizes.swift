package import ContainerRuntime
import Linux
import SystemPackage

extension Engine {
    /// Bytes that a container has written over its image.
    package func writtenBytes(of id: ContainerID) async throws -> Int64 {
        let folder = layout.container(id.text).appending("upper")
        return await blocking { FolderSize.bytes(below: folder) }
    }

    /// Bytes in a volume.
    package func bytes(ofVolume name: String) async throws -> Int64 {
        let folder = layout.volumeData(name)
        return await blocking { FolderSize.bytes(below: folder) }
    }
}
