import Builder
import Compose
import Engine
import Glibc
import ImageStore
import OCI
import OrderedCollections
import Reconciler
import Synchronization
import SystemPackage

/// Where a project's images come from: registries and Dockerfiles.
struct ProjectImages: Sendable {
    /// The wishes of `build`.
    struct BuildOptions: Sendable {
        var arguments: [String: String] = [:]
        var ignoresCache = false
        var pullsBases = false
        var isQuiet = false
    }

    let session: Session
    let progress: Progress
    var options = BuildOptions()

    /// The two verbs for a convergence.
    func source(ofProject project: String) -> ImageSource {
        ImageSource(
            pull: { try await pull($0) },
            build: { try await build($0, as: $1, project: project) })
    }

    /// Pulls an image and gives it its record.
    func pull(_ text: String) async throws {
        let reference = try ImageReference(text)
        let progress = progress
        try await session.engine.pull(reference) { event in
            progress.detail("Image \(text)", "\(event)")
        }
    }

    /// Builds a service's image and gives it its name and the file's tags.
    func build(_ service: Service, as name: String, project: String) async throws {
        guard let declaration = service.build else { return }
        let request = try await request(declaration, of: service, project: project)
        let store = session.engine.imageStore
        let builder = Builder(
            store: store, runtime: session.engine.runtime, root: session.layout.root)
        let progress = progress
        let isQuiet = options.isQuiet
        do {
            let result = try await session.engine.withBuildUplink { uplink in
                var request = request
                request.network = BuildNetwork(resolvConf: uplink.resolvConf) {
                    try await uplink.connect($0)
                }
                let text = Mutex(BuildProgressText())
                return try await builder.build(request) { reference in
                    try await base(reference, store)
                } progress: { event in
                    guard !isQuiet else { return }
                    for line in text.withLock({ $0.lines(for: event) }) { progress.note(line) }
                }
            }
            let names = try ([name] + declaration.tags).map { try ImageReference($0) }
            try await session.engine.record(ImageRecord(built: result, in: store), as: names)
        } catch let error as DockerfileError {
            throw Failure("\(service.name): cannot build \(name):\n\(error)")
        } catch let error as BuildError {
            throw Failure("\(service.name): cannot build \(name): \(error)")
        }
    }

    private func request(
        _ declaration: BuildDeclaration, of service: Service, project: String
    ) async throws -> BuildRequest {
        var request = BuildRequest(context: FilePath(declaration.context))
        request.name = service.name
        request.dockerfile =
            declaration.dockerfileInline.map { .inline($0) }
            ?? .path(FilePath(declaration.dockerfile))
        let ours = Machine.environment()
        for (key, value) in declaration.args { request.arguments[key] = value ?? ours[key] }
        request.arguments.merge(options.arguments) { $1 }
        request.target = declaration.target
        for (key, value) in declaration.additionalContexts {
            request.namedContexts[key] = try await context(value, project: project)
        }
        request.labels = Dictionary(uniqueKeysWithValues: declaration.labels.map { ($0, $1) })
        request.ignoresCache = options.ignoresCache
        return request
    }

    /// `docker-image://NAME`, `service:NAME`, or a folder.
    private func context(
        _ text: String, project: String
    ) async throws -> BuildRequest.NamedContext {
        if text.hasPrefix("docker-image://") {
            return .image(try ImageReference(String(text.dropFirst("docker-image://".count))))
        }
        guard text.hasPrefix("service:") else { return .directory(FilePath(text)) }
        let name = "\(project)-\(text.dropFirst("service:".count))"
        guard let image = try await session.engine.image(matching: name) else {
            throw Failure("there is no image \(name) to build upon: its service was not built")
        }
        return .built(try image.base(in: session.engine.imageStore))
    }

    /// An image that a Dockerfile builds upon, pulled when it is not here.
    private func base(_ reference: ImageReference, _ store: ImageStore) async throws -> BaseImage {
        if !options.pullsBases,
            let known = try await session.engine.image(matching: reference.description)
        {
            return try known.base(in: store)
        }
        try await pull(reference.description)
        guard let pulled = try await session.engine.image(matching: reference.description) else {
            throw Failure("image \(reference.familiar) is gone again; try once more")
        }
        return try pulled.base(in: store)
    }
}
