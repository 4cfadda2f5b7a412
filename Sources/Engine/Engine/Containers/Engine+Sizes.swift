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

    /// Removes the networks that no container is connected to and that `wanted` lets through, and
    /// gives their names. One that is taken into use meanwhile stays, and a build's, which goes with the
    /// build.
    package func removeUnusedNetworks(where wanted: (NetworkRecord) -> Bool) async throws
        -> [String]
    {
        var removed: [String] = []
        for network in try await networks()
        where network.key != Self.buildNetworkKey && wanted(network) {
            do {
                try await removeNetwork(named: network.name)
                removed.append(network.name)
            } catch let error as EngineError where error.kind == .inUse || error.kind == .notFound {
                continue
            }
        }
        return removed
    }
}
