import Builder
import Engine
import ImageStore
import SystemPackage

extension Session {
    /// What the build cache needs of the store, for garbage collection.
    var cachedLayers: @Sendable () throws -> StoreRoots {
        let builder = Builder(
            store: engine.imageStore,
            runtime: engine.runtime,
            root: layout.root
        )
        return { StoreRoots(layers: try builder.cachedLayers()) }
    }
}
