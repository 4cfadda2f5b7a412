package import ContainerRuntime
import Glibc
package import ImageStore
import Linux
package import OCI
package import SystemPackage

/// Builds images from Dockerfiles. Layers and documents go into the image store; the cache and
/// what a build works on lie in `<root>/build`.
package struct Builder: Sendable {
    let store: ImageStore
    private let runtime: ContainerRuntime
    let folder: FilePath

    /// Takes the store, the runtime for RUN, and berth's root folder, which must be on the file
    /// system of the store.
    package init(store: ImageStore, runtime: ContainerRuntime, root: FilePath) {
        self.store = store
        self.runtime = runtime
        folder = root.appending("build")
    }

    private var cache: BuildCache { BuildCache(folder.appending("cache")) }
    private var stepLocks: StepLocks { StepLocks(folder: folder.appending("steps")) }
    var workspaces: FilePath { folder.appending("tmp") }

    /// Builds an image; it is complete in the store when this returns, under no name yet.
    ///
    /// `resolveImage` finds an image that FROM or `COPY --from` names, pulls it if need be, and
    /// unpacks its layers. Each image is asked for once.
    ///
    /// - Throws: `DockerfileError` with everything that is wrong with the file, `BuildError` for a
    ///   step that failed, what `resolveImage` throws.
    package func build(
        _ request: BuildRequest,
        resolveImage: @escaping @Sendable (PlatformImage) async throws -> BaseImage,
        progress: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> BuildResult {
        try await buildEach(request, resolveImage: resolveImage, progress: progress)[0]
    }

    /// Builds an image for each platform of a request, in the request's order. Steps that do not depend on
    /// the platform are carried out once.
    /// - Throws: as `build`, for the platform that failed first.
    package func buildEach(
        _ request: BuildRequest,
        resolveImage: @escaping @Sendable (PlatformImage) async throws -> BaseImage,
        progress: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> [BuildResult] {
        try await recover()
        let workspace = try BuildWorkspace(in: workspaces)
        do {
            var fetch = ContextFetch(store: store, workspace: workspace, progress: progress)
            let request = try await fetch.carryOut(request)
            let results = try await buildEach(
                request,
                in: workspace,
                firstSteps: fetch.steps,
                resolveImage: resolveImage,
                progress: progress
            )
            try workspace.remove()
            return results
        } catch {
            // The first cause is what the user must see; the next build removes what is left.
            try? workspace.remove()
            throw error
        }
    }

    /// The same with contexts that are folders. What steps of several platforms are called begins with the
    /// platform.
    private func buildEach(
        _ request: BuildRequest,
        in workspace: BuildWorkspace,
        firstSteps: Int,
        resolveImage: @escaping @Sendable (PlatformImage) async throws -> BaseImage,
        progress: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> [BuildResult] {
        let platforms = request.platforms
        return try await withThrowingTaskGroup(of: (Int, BuildResult).self) { group in
            for (index, platform) in platforms.enumerated() {
                var one = request
                one.platform = platform
                if platforms.count > 1 {
                    let words = [request.name, platform.description].compactMap(\.self)
                    one.name = words.joined(separator: " ")
                }
                let (complete, first) = (one, firstSteps + index * Self.mostSteps)
                group.addTask {
                    let result = try await build(
                        complete,
                        in: workspace,
                        firstSteps: first,
                        resolveImage: resolveImage,
                        progress: progress
                    )
                    return (index, result)
                }
            }
            var results: [Int: BuildResult] = [:]
            for try await (index, result) in group { results[index] = result }
            return platforms.indices.compactMap { results[$0] }
        }
    }

    /// More than a build for one platform has: numbers of steps are unique over all of them.
    private static let mostSteps = 1 << 20

    /// Builds for one platform.
    private func build(
        _ request: BuildRequest,
        in workspace: BuildWorkspace,
        firstSteps: Int,
        resolveImage: @escaping @Sendable (PlatformImage) async throws -> BaseImage,
        progress: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> BuildResult {
        let date = try SourceDate(of: request)
        let source = try DockerfileSource(of: request)
        let (dockerfile, path) = (try source.parse(request), source.path)
        var plan = try BuildPlan(dockerfile, request)
        let hold = try await store.hold()
        let images = try await resolve(&plan, request, resolveImage)
        for warning in plan.warnings(request) { progress(.warning(warning)) }
        do {
            let contexts = try BuildContexts(
                request,
                dockerfile: path,
                digests: FileDigests(store: folder.appending("file-digests"))
            )
            try source.check(
                plan,
                request,
                images: images.mapValues(\.configuration),
                ignored: contexts.mainRules,
                progress: progress
            )
            let session = BuildSession(
                plan: plan,
                request: request,
                store: store,
                runtime: runtime,
                cache: cache,
                stepLocks: stepLocks,
                workspace: workspace,
                downloads: folder.appending("downloads"),
                cacheMounts: CacheMounts(folder: folder.appending("mounts")),
                images: images,
                records: StepRecords(folder: folder.appending("explained")),
                contexts: contexts,
                firstSteps: firstSteps,
                progress: progress
            )
            try session.rehearse()
            let state = try await Self.buildStages(session)
            var result = try await finish(state, request, date, session.cachedSteps, hold)
            result.bases = images.compactMapValues(\.digest)
            result.dockerfile = (source.name, source.text)
            result.covered = contexts.covered
            try contexts.save()
            return result
        } catch {
            if let error = error as? ViewError {
                throw BuildError(file: dockerfile.name, message: error.description)
            }
            if let error = error as? SyscallError {
                throw BuildError(file: dockerfile.name, message: error.inBuild)
            }
            throw error
        }
    }

    /// Ends and removes what builds that were killed left; what others are at work on stays.
    package func recover() async throws {
        let (cache, folder, stepLocks, workspaces) = (cache, folder, stepLocks, workspaces)
        let wasKilled = try await blocking { () throws(SyscallError) in
            // Whatever else a killed build leaves, it had a workspace, which goes last: without one there is
            // nothing to look for in a cache of many folders.
            guard try BuildWorkspace.hasAbandoned(in: workspaces) else { return false }
            try cache.removeAbandonedWrites()
            try stepLocks.removeAbandoned()
            _ = try Linux.removeAbandonedWrites(in: folder)
            return true
        }
        guard wasKilled else { return }
        try await BuildWorkspace.removeAbandoned(in: workspaces, runtime: runtime)
    }

    /// Layers that steps of earlier builds gave: garbage collection keeps them or the cache
    /// forgets those steps.
    package func cachedLayers() throws -> Set<Digest> { try cache.layers() }

    /// Forgets what every step gave, and what is known about the files of contexts.
    package func forgetCache() throws {
        try cache.removeAll()
        try removeTree(folder.appending("file-digests"))
        try removeTree(folder.appending("downloads"))
        try removeTree(folder.appending("explained"))
    }

    /// Gets every image that the build needs. Those that stages begin with may bring triggers, which
    /// may name images in turn.
    private func resolve(
        _ plan: inout BuildPlan,
        _ request: BuildRequest,
        _ resolveImage: @escaping @Sendable (PlatformImage) async throws -> BaseImage
    ) async throws -> [PlatformImage: BaseImage] {
        var images: [PlatformImage: BaseImage] = [:]
        var triggers: [Int: [String]] = [:]
        while true {
            let missing = plan.images(request).filter { images[$0.key] == nil }
            images.merge(try await resolve(missing, in: plan.dockerfile, resolveImage)) { $1 }
            let found = plan.triggers(request, images)
            if found == triggers { return images }
            triggers = found
            plan = try BuildPlan(plan.dockerfile, request, triggers: triggers)
        }
    }

    /// Asks for all images at once; one that cannot be had is reported where it is named.
    private func resolve(
        _ references: [PlatformImage: ClosedRange<Int>],
        in dockerfile: Dockerfile,
        _ resolveImage: @escaping @Sendable (PlatformImage) async throws -> BaseImage
    ) async throws -> [PlatformImage: BaseImage] {
        try await withThrowingTaskGroup(of: (PlatformImage, BaseImage).self) { group in
            for (reference, lines) in references {
                group.addTask {
                    do {
                        return (reference, try await resolveImage(reference))
                    } catch  where !(error is CancellationError) {
                        var failure = BuildError(
                            file: dockerfile.name,
                            line: lines.lowerBound,
                            message: "\(error)"
                        )
                        failure.excerpt = dockerfile.excerpt(around: lines)
                        throw failure
                    }
                }
            }
            var images: [PlatformImage: BaseImage] = [:]
            for try await (reference, image) in group { images[reference] = image }
            return images
        }
    }

    /// Builds the stages that the target needs, each as soon as those it needs are there.
    private static func buildStages(_ session: BuildSession) async throws -> StageState {
        let plan = session.plan
        return try await withThrowingTaskGroup(of: (Int, StageState).self) { group in
            var built: [Int: StageState] = [:]
            var waiting = plan.needed
            while true {
                for index in waiting.sorted()
                where plan.stages[index].dependencies.allSatisfy({ built[$0] != nil }) {
                    waiting.remove(index)
                    let stages = built
                    group.addTask {
                        var stage = try StageBuild(session, plan.stages[index], stages: stages)
                        return (index, try await stage.run())
                    }
                }
                guard let (index, state) = try await group.next() else {
                    preconditionFailure("every stage needs only stages above it")
                }
                built[index] = state
                if index == plan.target { return state }
            }
        }
    }
}
