import Builder
import ContainerRuntime
import Glibc
package import ImageStore
import Linux
import SystemPackage

extension Engine {
    /// Writes what is in a cache mount of builds as one tar; `name` is its identifier, or its ID in listings.
    /// - Throws: an `EngineError` when there is none.
    package func exportCacheMount(
        _ name: String,
        to sink: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) async throws {
        guard let mount = try await buildCache.mountToRead(name) else {
            throw EngineError(
                .notFound,
                "cannot export the cache mount `\(name)`",
                because: "there is none of this identifier",
                remedy: "`berth builder du --filter type=exec.cachemount --verbose` lists them"
            )
        }
        let store = imageStore
        try await onOwnThread { () throws(any Error) in
            let folder = SharedFD(try openFile(mount.data, O_RDONLY | O_DIRECTORY))
            try store.writeTree(folder, subject: "cache mount \(name)", isLayer: false, to: sink)
            withExtendedLifetime(mount) {}
        }
    }

    /// Puts what is in a tar, compressed or not, into a cache mount, which is made where it is missing.
    /// Waits for steps that have it. An archive that is refused changes nothing; `subject` is what errors call it.
    package func importCacheMount(
        _ id: String,
        from source: any ByteSource,
        subject: String
    ) async throws {
        let attempt = "cannot import into the cache mount `\(id)`"
        try await withUnpacked(source, called: subject, for: attempt) { files, implied in
            let mount = try await self.buildCache.mountToFill(id)
            try await onOwnThread { () throws(any Error) in
                let filling = try VolumeFilling(mount.data, isOurs: false)
                if let obstacle = try filling.obstacle(to: files) {
                    throw EngineError(
                        .conflict,
                        attempt,
                        because: "\(obstacle)",
                        remedy: "nothing was changed; prune the mount, or import into another one"
                    )
                }
                try filling.fill(from: files, implied: implied)
                withExtendedLifetime(mount) {}
            }
        }
    }
}
