import ContainerRuntime
import OCI

/// A stage as far as it has been built: what its image would be now, and what its lines see.
struct StageState: Sendable {
    var configuration: ImageConfiguration
    /// The manifest's layers, lowest first.
    var layers: [Descriptor]
    var scope: StageScope
    /// How many of the layers came with an image: they have a stack of their own in the store.
    private(set) var baseLayerCount = 0
    /// How many steps of its history did.
    private var baseSteps = 0
    /// CMD was given in this stage, so that ENTRYPOINT leaves it alone.
    var hasOwnCommand = false

    /// Also what a stage from nothing begins with.
    static let defaultPath = "PATH=\(ProcessSpec.defaultPath)"

    /// `FROM scratch`.
    init(scratch scope: StageScope, for platform: Platform = .host) {
        configuration = ImageConfiguration()
        configuration.platform = platform
        configuration.config.environment = [Self.defaultPath]
        configuration.config.workingDirectory = "/"
        layers = []
        self.scope = scope
        self.scope.begin(with: configuration.config.environment)
    }

    /// `FROM image`.
    init(image: BaseImage, scope: StageScope) {
        configuration = image.configuration
        // What it wants of those who build upon it are steps of this stage now.
        configuration.config.onBuild = []
        layers = image.layers.map(\.asOCI)
        baseLayerCount = image.configuration.diffIDs.count
        baseSteps = image.configuration.history.count
        self.scope = scope
        if Environment.value(of: "PATH", in: configuration.config.environment) == nil {
            configuration.config.environment.append(Self.defaultPath)
        }
        self.scope.begin(with: configuration.config.environment)
    }

    /// `FROM stage`: what the other stage declared stays declared.
    init(stage: StageState) {
        self = stage
        configuration.config.onBuild = []
        hasOwnCommand = false
    }

    /// Stands for everything below the next step: the same layers, the same chain.
    var chain: String {
        Digest.chain(configuration.diffIDs).last?.description ?? "scratch"
    }

    /// The layers to read the stage from.
    var stack: LayerStack {
        LayerStack(
            base: Array(configuration.diffIDs.prefix(baseLayerCount)),
            own: Array(configuration.diffIDs.dropFirst(baseLayerCount))
        )
    }

    var shell: [String] { configuration.config.shell ?? ["/bin/sh", "-c"] }

    var workingDirectory: String {
        let directory = configuration.config.workingDirectory
        return directory.isEmpty ? "/" : directory
    }

    /// The time of the last layer: what changes only the configuration has no time of its own, or
    /// an unchanged build would give another image each time.
    var lastCreated: String? { configuration.created }

    /// Adds what a step says of itself; a layer's time becomes the image's.
    mutating func record(_ text: String, layer: BuildCache.Record? = nil) {
        if let layer {
            configuration.diffIDs.append(layer.layer)
            layers.append(
                Descriptor(mediaType: MediaType.ociLayer, digest: layer.layer, size: layer.size)
            )
            if configuration.diffIDs.count == baseLayerCount + 1 { date(stepsBefore: layer) }
            configuration.created = layer.created
        }
        configuration.history.append(
            ImageConfiguration.History(
                created: lastCreated,
                createdBy: text,
                comment: "buildkit.dockerfile.v0",
                isEmptyLayer: layer == nil
            )
        )
    }

    /// The steps before the first layer have its time, not that of the image that they began with.
    private mutating func date(stepsBefore layer: BuildCache.Record) {
        for index in configuration.history.indices.dropFirst(baseSteps) {
            configuration.history[index].created = layer.created
        }
    }
}

/// Layers of a stage, lowest first: those of an image and those made on top of them.
struct LayerStack: Hashable, Sendable {
    var base: [Digest]
    var own: [Digest] = []
}

extension Descriptor {
    /// The same blob under OCI's name for its type: a manifest of ours does not mix the two.
    fileprivate var asOCI: Descriptor {
        var result = self
        switch mediaType {
        case MediaType.dockerLayer: result.mediaType = MediaType.ociLayer
        case MediaType.dockerLayerGzip: result.mediaType = MediaType.ociLayerGzip
        default: break
        }
        return result
    }
}
