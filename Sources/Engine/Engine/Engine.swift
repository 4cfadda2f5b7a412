package import ContainerNetwork
import ContainerRuntime
package import ImageStore
package import Logging
package import SystemPackage

/// The record of containers, images, networks and volumes, and the verbs that change them.
///
/// A value without state of its own: truth is in the database and the kernel, so any number of
/// processes may have one. Which of them changes what: docs/architecture.md, "who writes what".
package struct Engine: Sendable {
    /// Where everything of this engine lies.
    package let layout: Layout
    // What it works with stays inside: what others need of it is a verb.
    let runtime: ContainerRuntime
    /// Blobs and layers; it shares `<root>`.
    let imageStore: ImageStore
    let kernel: NetworkKernel
    let store: RecordStore
    let logger: Logger

    /// Opens the state folder, making it and the database when they are missing.
    ///
    /// A folder that others can write to, a damaged database and one that a newer berth has written
    /// are refused with an `EngineError` of kind `.state`. `keeper` is the `berth-keeper`
    /// executable; `kernel` is another network namespace's in tests, where layers are unpacked in
    /// the process itself, too.
    package static func open(
        _ layout: Layout,
        keeper: FilePath,
        kernel: NetworkKernel = NetworkKernel(),
        unpacking: Unpacking = .inProcess,
        limits: UnpackLimits = UnpackLimits(),
        logger: Logger
    ) throws -> Engine {
        try layout.prepare()
        return Engine(
            layout: layout,
            runtime: try ContainerRuntime(keeper: keeper, root: layout.root),
            imageStore: try ImageStore(root: layout.root, unpacking: unpacking, limits: limits),
            kernel: kernel.marking(stateFolder: layout.tag),
            store: try RecordStore(path: layout.database),
            logger: logger
        )
    }
}
