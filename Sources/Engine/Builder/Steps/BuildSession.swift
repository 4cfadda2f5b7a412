import ContainerRuntime
import Glibc
import ImageStore
import Linux
import OCI
import Synchronization
import SystemPackage

/// One build: what its stages share.
final class BuildSession: Sendable {
    let plan: BuildPlan
    let request: BuildRequest
    let store: ImageStore
    let runtime: ContainerRuntime
    let cache: BuildCache
    let stepLocks: StepLocks
    let workspace: BuildWorkspace
    /// What is remembered of files that ADD downloads.
    let downloads: FilePath
    let cacheMounts: CacheMounts
    let images: [PlatformImage: BaseImage]
    /// What steps of earlier builds depended on.
    let records: StepRecords
    private let contexts: BuildContexts
    private let progress: @Sendable (BuildEvent) -> Void
    private let steps: Mutex<Int>
    /// What steps gave so far, in the order in which they ended.
    private let given = Mutex<[CachedStep]>([])

    init(
        plan: BuildPlan,
        request: BuildRequest,
        store: ImageStore,
        runtime: ContainerRuntime,
        cache: BuildCache,
        stepLocks: StepLocks,
        workspace: BuildWorkspace,
        downloads: FilePath,
        cacheMounts: CacheMounts,
        images: [PlatformImage: BaseImage],
        records: StepRecords,
        contexts: BuildContexts,
        firstSteps: Int,
        progress: @escaping @Sendable (BuildEvent) -> Void
    ) {
        self.plan = plan
        self.request = request
        self.store = store
        self.runtime = runtime
        self.cache = cache
        self.stepLocks = stepLocks
        self.workspace = workspace
        self.downloads = downloads
        self.cacheMounts = cacheMounts
        self.images = images
        self.records = records
        self.contexts = contexts
        steps = Mutex(firstSteps)
        self.progress = progress
    }

    /// Announces a step.
    func begin(_ title: String) -> BuildStep {
        let number = steps.withLock { count in
            count += 1
            return count
        }
        let step = BuildStep(number: number, title: title)
        progress(.started(step))
        return step
    }

    /// Notes what a step gave; what caches elsewhere are filled with.
    func note(_ record: BuildCache.Record, for key: Digest) {
        given.withLock { $0.append(CachedStep(key: key, record)) }
    }

    /// What all steps gave, each key once. A cache that a layer came from knows other keys of it, which
    /// are handed on.
    var cachedSteps: [CachedStep] {
        var seen: Set<Digest> = []
        let own = given.withLock { $0 }
        let layers = Set(own.map(\.layer))
        let others = request.importedCaches.flatMap(\.steps.values)
            .filter { layers.contains($0.layer) }.sorted { $0.key < $1.key }
        return (own + others).filter { seen.insert($0.key).inserted }
    }

    func tell(_ event: BuildEvent) { progress(event) }

    /// The folders of a stage for reading and for overlayfs, topmost first.
    ///
    /// The store knows how the layers of an image go together. Those that a build adds describe
    /// every folder they contain, so they only have to be put on top; a layer that occurs twice
    /// counts where it is highest, since overlayfs takes a folder once.
    func lowerFolders(_ stack: LayerStack) throws -> [FilePath] {
        var folders: [FilePath] = []
        let base = try store.lowerDirectories(for: stack.base)
        for path in stack.own.reversed().map({ store.layerPath($0) }) + base
        where !folders.contains(path) {
            folders.append(path)
        }
        return folders
    }

    /// What a COPY reads from.
    struct CopyOrigin: Sendable {
        var view: LayeredTree
        var ignored: IgnoreRules
        /// Files become root's, and their digests are remembered.
        var isContext: Bool
        /// Stands for the whole content, where that is known without reading it.
        var chain: String?
        /// Where the layers lie, topmost first; none for a context.
        var layers: [FilePath] = []
        /// Hears what is read of a context.
        var reads: ReadPaths?
    }

    /// Opens the origin of a COPY.
    func origin(
        _ source: BuildPlan.Source,
        of stage: BuildPlan.Stage,
        stages: [Int: StageState]
    ) throws -> CopyOrigin {
        switch source {
        case .buildContext: return try contexts.origin(nil)
        case .context(let name):
            switch request.namedContexts[name] {
            case .directory: return try contexts.origin(name)
            case .image(let reference):
                let image = images[PlatformImage(reference, stage.platform)]
                return try origin(image: image, name)
            case .built(let images):
                return try origin(image: images.best(for: stage.platform), name)
            case .remote:
                preconditionFailure("remote contexts are fetched before the stages that need them")
            case nil: throw ViewError("there is no context \(name)")
            }
        case .image(let needed):
            return try origin(image: images[needed], needed.reference.familiar)
        case .stage(let index):
            guard let state = stages[index] else {
                preconditionFailure("a stage is built after those it copies from")
            }
            let name = plan.stages[index].stage.name ?? "stage \(index)"
            return try origin(state.stack, chain: state.chain, name: name)
        }
    }

    private func origin(image: BaseImage?, _ name: String) throws -> CopyOrigin {
        guard let image else {
            preconditionFailure("images are resolved before the stages that need them")
        }
        let diffIDs = image.configuration.diffIDs
        let chain = Digest.chain(diffIDs).last?.description ?? "scratch"
        return try origin(LayerStack(base: diffIDs), chain: chain, name: name)
    }

    private func origin(
        _ stack: LayerStack,
        chain: String,
        name: String
    ) throws -> CopyOrigin {
        let layers = try lowerFolders(stack)
        let view = try LayeredTree(layers: layers, name: name)
        return CopyOrigin(
            view: view,
            ignored: IgnoreRules(),
            isContext: false,
            chain: chain,
            layers: layers
        )
    }

    /// The content digest of what a COPY takes.
    func digest(_ selections: [CopySelection], from origin: CopyOrigin) throws -> Digest {
        try listed(selections, from: origin).digest
    }

    /// The same, with what stands for each file.
    func listed(
        _ selections: [CopySelection],
        from origin: CopyOrigin
    ) throws -> CopyDigest.Listed {
        guard origin.isContext else {
            var digests = FileDigests()
            return try CopyDigest.listed(
                selections,
                in: origin.view,
                forcesRoot: false,
                digests: &digests
            )
        }
        return try contexts.digest(selections, in: origin.view)
    }
}
