import Builder
import Compose
import Engine
import Glibc
import OCI
import OrderedCollections
import Reconciler
import Registry
import Synchronization
import SystemPackage

/// Where a project's images come from: registries and Dockerfiles.
struct ProjectImages: Sendable {
    /// The wishes of `build`.
    struct BuildOptions: Sendable {
        var arguments: [String: String] = [:]
        var ignoresCache = false
        var pullsBases = false
        /// `--ssh`.
        var agents: [String: FilePath] = [:]
        var isQuiet = false
        /// `--on-error=shell`
        var entersFailures = false
        /// All platforms of `build.platforms` and not only the one that a service runs on.
        var buildsEveryPlatform = false
        /// `--provenance`, over what services say.
        var provenance: String?
        /// Layers that arrive are not shown.
        var pullsQuietly = false
    }

    let session: Session
    let progress: Progress
    /// nil when only images of other origin are meant.
    let project: Project?
    var options = BuildOptions()
    /// One for all pulls of a command, so that connections and tokens are used again.
    private let registry = RegistryClient.Lazy()
    private let buildText = BuildProgressText()
    /// Of all images of a command together.
    private let downloads = TransferSlots(TransferSlots.downloads)
    private let uploads = TransferSlots(TransferSlots.uploads)

    init(
        session: Session,
        progress: Progress,
        project: Project?,
        options: BuildOptions = BuildOptions()
    ) {
        self.session = session
        self.progress = progress
        self.project = project
        self.options = options
    }

    /// One for all that a command has to do with registries.
    var client: RegistryClient { registry.client(logger: session.logger) }

    /// The two verbs for a convergence.
    var source: ImageSource {
        ImageSource(
            pull: { try await pull($0) },
            build: { try await build($0, as: $1) },
            differences: { await differences($0, $1, $2) }
        )
    }

    /// Pulls an image, for each platform that the project wants it for.
    func pull(_ text: String) async throws {
        for platform in try project?.platforms(ofImage: text) ?? [nil] {
            try await pull(text, for: platform)
        }
    }

    /// Pulls an image and gives it its record; nil is this machine's platform.
    func pull(_ text: String, for platform: Platform?) async throws {
        let reference = try ImageReference(text)
        let progress = progress
        let isQuiet = options.pullsQuietly
        let client = registry.client(logger: session.logger)
        try await session.engine.pull(
            reference,
            platform: platform,
            client: client,
            slots: downloads
        ) { event in
            if !isQuiet { progress.transfer("Image \(text)", Transfer(event)) }
        }
    }

    /// Pushes an image of a service under one of its names.
    func push(_ text: String) async throws -> PushedImage {
        let reference = try ImageReference(text)
        let progress = progress
        let client = registry.client(logger: session.logger)
        return try await session.engine.push(reference, client: client, slots: uploads) { event in
            progress.transfer("Image \(text)", Transfer(event))
        }
    }

    /// Builds a service's image and gives it its name and the file's tags.
    func build(_ service: Service, as name: String) async throws {
        guard let declaration = service.build else { return }
        let names = try ([name] + declaration.tags).map { try ImageReference($0) }
        let request = try await request(declaration, of: service)
        // Before the build reads anything: what changes meanwhile is another.
        // `try?`: what of it cannot be read the build says.
        let inputs = try? await inputs(of: service, declaration)
        do {
            var read = BuiltImage.Reading()
            let image = try await build(
                request,
                as: names,
                refreshesBases: options.pullsBases || declaration.pull,
                caches: try CacheOptions(from: declaration.cacheFrom, to: declaration.cacheTo)
            ) { read = $0.reading }
            if let inputs {
                try await note(inputs, of: image, named: names[0], reading: read)
            }
        } catch let error as DockerfileError {
            throw Failure("\(service.name): cannot build \(name):\n\(error)")
        } catch let error as BuildError {
            let hint = FailureVisit.hint(for: error, entered: options.entersFailures)
            throw Failure(
                "\(service.name): cannot build \(name): \(error)" + (hint.map { "\n\($0)" } ?? "")
            )
        }
    }

    /// Builds an image and shows its steps. It is recorded and brought to where it is wanted.
    func build(
        _ request: BuildRequest,
        as names: [ImageReference],
        refreshesBases: Bool,
        records: Bool = true,
        caches: CacheOptions = CacheOptions(),
        deliver: (BuiltImage) async throws -> Void = { _ in }
    ) async throws -> ImageRecord {
        var request = request
        request.agents = try BuildAgents.checked(request.agents)
        request.download = BuildDownloads.get
        request.downloadSmall = BuildDownloads.small
        request.git = BuildSources.git(for: request)
        let layouts = try await bringLayouts(for: &request)
        defer { withExtendedLifetime(layouts) {} }
        if options.entersFailures { request.visitsFailure = FailureVisit(progress: progress).enter }
        request.importedCaches = try await imported(caches)
        if caches.embeds { request.embeddedCacheName = CachePlace.memberOfImages }
        let (progress, text, isQuiet) = (progress, buildText, options.isQuiet)
        let name = request.name ?? ""
        let findings = Mutex<[CheckFinding]>([])
        defer {
            let prefix = name.isEmpty ? "" : "\(name): "
            for line in CheckReport.list(findings.withLock { $0 }) where !isQuiet {
                progress.note(prefix + line)
            }
        }
        let image = try await session.engine.build(
            request,
            as: names,
            refreshesBases: refreshesBases,
            records: records
        ) { image in
            let isOwn = image.platform == Platform.host.normalized
            try await pull(image.reference.description, for: isOwn ? nil : image.platform)
        } progress: { event in
            guard !isQuiet else { return }
            if case .findings(let found) = event { findings.withLock { $0 = found } }
            for line in text.lines(for: event, of: name) { progress.note(line) }
        } deliver: {
            try await deliver($0)
            try await export($0, caches)
        }
        await BuildCacheBound.keep(session, progress)
        return image
    }

    /// Checks a Dockerfile and builds nothing.
    func check(_ request: BuildRequest) async throws -> CheckReport {
        var request = prepared(request)
        let layouts = try await bringLayouts(for: &request)
        defer { withExtendedLifetime(layouts) {} }
        return try await session.engine.checkBuild(request, progress: shown)
    }

    /// Checks a service's Dockerfile; nil where it has none.
    func check(_ service: Service) async throws -> CheckReport? {
        guard let declaration = service.build else { return nil }
        return try await check(try await request(declaration, of: service))
    }

    /// What a Dockerfile offers.
    func outline(
        _ request: BuildRequest
    ) async throws -> (outline: DockerfileOutline, text: String) {
        try await session.engine.outlineBuild(prepared(request), progress: shown)
    }

    /// Images in folders become images at hand, which stay as long as what is returned.
    private func bringLayouts(for request: inout BuildRequest) async throws -> [LayoutImage] {
        var images: [LayoutImage] = []
        for (name, layout) in request.layoutContexts.sorted(by: { $0.key < $1.key }) {
            let folder = try Machine.absolute(layout.folder.string)
            let image = try await session.engine.layoutImage(in: folder, named: layout.name)
            request.namedContexts[name] = .built([image.base])
            images.append(image)
        }
        return images
    }

    private func prepared(_ request: BuildRequest) -> BuildRequest {
        var request = request
        request.download = BuildDownloads.get
        request.downloadSmall = BuildDownloads.small
        request.git = BuildSources.git(for: request)
        return request
    }

    /// Shows the fetching of contexts, and where results go.
    @Sendable func shown(_ event: BuildEvent) {
        guard !options.isQuiet else { return }
        for line in buildText.lines(for: event, of: "") { progress.note(line) }
    }

    private func request(
        _ declaration: BuildDeclaration,
        of service: Service
    ) async throws -> BuildRequest {
        var contexts: [String: BuildRequest.NamedContext] = [:]
        var layouts: [String: LayoutContext] = [:]
        for (key, value) in declaration.additionalContexts {
            if let layout = try LayoutContext(parsing: value) {
                layouts[key] = layout
            } else {
                contexts[key] = try await context(value)
            }
        }
        var request = BuildRequest(
            of: declaration,
            namedContexts: contexts,
            secrets: project?.secrets ?? [:],
            environment: Machine.environment()
        )
        request.name = service.name
        request.layoutContexts = layouts
        let platforms = try service.buildPlatforms(every: options.buildsEveryPlatform)
        if !platforms.isEmpty { request.platforms = platforms }
        request.provenance = try service.buildProvenance(options.provenance)
        if let remote = try BuildSources.remote(declaration.context) {
            request.remoteContext = remote
            request.context = nil
        }
        request.arguments.merge(options.arguments) { $1 }
        if let project {
            request.labels.merge(ComposeLabels.image(of: service, in: project)) { $1 }
        }
        if options.ignoresCache { request.ignoresCache = true }
        request.agents.merge(options.agents) { $1 }
        return request
    }

    /// `service:NAME`, or what `--build-context` takes.
    private func context(_ text: String) async throws -> BuildRequest.NamedContext {
        guard text.hasPrefix("service:") else { return try BuildSources.named(text) }
        let name = String(text.dropFirst("service:".count))
        guard let project, let service = project.declaredService(name),
            case let images = try await session.engine.baseImages(
                matching: service.imageReference(in: project)
            ), !images.isEmpty
        else { throw Failure("there is no image of service \(name) to build upon: build it first") }
        return .built(images)
    }
}
