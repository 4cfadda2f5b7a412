package import Builder
import ContainerRuntime
import ContainerNetwork
package import OCI
import Synchronization

extension Engine {
    /// Builds an image, gives it its names and gives back its record. RUN has a network of the build's own.
    ///
    /// Images that the Dockerfile builds upon are those of this machine; those that are missing, or
    /// all of them (`refreshesBases`), are asked of `pull`, which records them. While `deliver` brings
    /// the image to where it is wanted, all of it is kept here; afterwards only if it is to be recorded
    /// (`records`).
    /// - Throws: `DockerfileError` with everything that is wrong with the file, `BuildError` for a
    ///   step that failed, what `pull` throws.
    package func build(
        _ request: BuildRequest,
        as names: [ImageReference],
        refreshesBases: Bool = false,
        records: Bool = true,
        pull: @escaping @Sendable (PlatformImage) async throws -> Void,
        progress: @escaping @Sendable (BuildEvent) -> Void = { _ in },
        deliver: (BuiltImage) async throws -> Void = { _ in }
    ) async throws -> ImageRecord {
        let began = Timestamp.now()
        let references = Mutex<Set<String>>([])
        let results = try await withBuildUplink { uplink in
            var request = request
            request.network = BuildNetwork(resolvConf: uplink.resolvConf) {
                try await uplink.connect($0)
            }
            request.network?.gateway = { try await uplink.gateway() }
            request.network?.isolate = { [kernel] created in
                guard let netns = created.netns else { return }
                try await kernel.prepareNamespace(netns)
            }
            return try await builder.buildEach(request) { image in
                _ = references.withLock { $0.insert(image.reference.description) }
                return try await base(image, refreshing: refreshesBases, pull)
            } progress: {
                progress($0)
            }
        }
        var built = try BuiltImage(results, of: request, in: imageStore)
        if request.givesIndex {
            built = try await indexed(built, results, request, as: names, began: began)
        }
        built.reading.images = references.withLock(\.self).sorted()
        for result in results { built.reading.contexts.merge(result.covered) { $0.union($1) } }
        if records { try await record(built, as: names) }
        try await deliver(built)
        // Garbage collection stays away until the image has its record and is where it was wanted.
        withExtendedLifetime(results) {}
        return built.image
    }

    /// An image of this machine as something to build upon, and then those for other platforms that its
    /// index lists and that are here; none when it is not here.
    package func baseImages(matching text: String) async throws -> [BaseImage] {
        guard let image = try await image(matching: text) else { return [] }
        let variants = try await variants(of: [image])[0].entries.compactMap(\.image)
        let others = variants.filter { $0.manifest != image.manifest }
        return try ([image] + others).map { try $0.base(in: imageStore) }
    }

    /// Ends and removes what builds that were killed left; what others are at work on stays.
    package func recoverBuilds() async throws { try await builder.recover() }

    /// Checks a Dockerfile with what this machine knows of the images that it names.
    package func checkBuild(
        _ request: BuildRequest,
        progress: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> CheckReport {
        try await builder.check(request) { image in
            try await baseImage(image)?.configuration
        } progress: {
            progress($0)
        }
    }

    /// What a Dockerfile offers.
    package func outlineBuild(
        _ request: BuildRequest,
        progress: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> (outline: DockerfileOutline, text: String) {
        try await builder.outline(request, progress: progress)
    }

    private var builder: Builder {
        Builder(store: imageStore, runtime: runtime, root: layout.root)
    }

    private func base(
        _ image: PlatformImage,
        refreshing: Bool,
        _ pull: (PlatformImage) async throws -> Void
    ) async throws -> BaseImage {
        if !refreshing, let known = try await baseImage(image) { return known }
        try await pull(image)
        guard let pulled = try await baseImage(image) else {
            let name = image.reference.familiar
            throw EngineError(
                .notFound,
                "",
                because: "there is no image \(name) for \(image.platform)",
                remedy: "build upon another one, or for another platform"
            )
        }
        return pulled
    }

    /// The image of this machine that a name leads to for a platform; nil where it is to be pulled. For the
    /// machine's own platform that is what the name leads to, whatever it is for, where there is no better one.
    private func baseImage(_ image: PlatformImage) async throws -> BaseImage? {
        guard let named = try await self.image(matching: image.reference.description) else {
            return nil
        }
        if let best = try await variants(of: [named])[0].images(for: image.platform).first {
            return try best.base(in: imageStore)
        }
        let isOwn = image.platform == Platform.host.normalized
        let found = try ImageConfiguration(bytes: named.configuration).platform
        guard isOwn || image.platform.rank(of: found) != nil else { return nil }
        return try named.base(in: imageStore)
    }
}
