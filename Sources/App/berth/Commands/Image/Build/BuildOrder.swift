import Builder
import Engine
import OCI

/// One build as a command line or a bake file asks for it, everything read and checked.
struct BuildOrder: Sendable {
    var request: BuildRequest
    /// Those of `--tag`.
    var names: [ImageReference]
    var outputs: [BuildOutput]
    var call = BuildCall.build
    var pullsBases = false
    /// `--cache-from` and `--cache-to`.
    var caches = CacheOptions()
    var isQuiet = false
    /// `--on-error=shell`
    var entersFailures = false
    /// What is said before anything is built.
    var notes: [String] = []

    init(request: BuildRequest, names: [ImageReference], outputs: [BuildOutput]) {
        self.request = request
        self.names = names
        self.outputs = outputs
    }

    /// Whether an image of this machine is asked for.
    var records: Bool { outputs.contains(where: \.isImage) }

    /// Where the images that the build needs come from, and where its progress is shown.
    func images(in session: Session, _ progress: Progress) -> ProjectImages {
        var options = ProjectImages.BuildOptions()
        options.isQuiet = isQuiet
        options.pullsQuietly = isQuiet
        options.entersFailures = entersFailures
        return ProjectImages(session: session, progress: progress, project: nil, options: options)
    }

    /// Refuses what cannot be delivered, before anything is built.
    func check(_ images: ProjectImages) throws {
        try BuildAnnotations.check(request)
        try delivery(images).check(request)
    }

    /// Builds it and brings the result to where it is wanted. As long as the result is kept, nobody
    /// collects what it is made of.
    /// - Throws: `Failure` with all that is wrong.
    func carryOut(_ images: ProjectImages) async throws -> BuiltImage {
        let delivery = delivery(images)
        var request = request
        request.provenance?.names = try delivery.statedNames
        var result: BuiltImage?
        do {
            _ = try await images.build(
                request,
                as: try delivery.imageNames,
                refreshesBases: pullsBases,
                records: records,
                caches: caches
            ) { built in
                try await delivery.run(built)
                result = built
            }
        } catch let error as DockerfileError {
            throw Failure("\(place)failed to solve:\n\(error)")
        } catch let error as BuildError {
            let hint = FailureVisit.hint(for: error, entered: entersFailures)
            throw Failure("\(place)failed to solve: \(error)" + (hint.map { "\n\($0)" } ?? ""))
        }
        guard let result else { preconditionFailure("a build that ends has delivered its result") }
        return result
    }

    /// What `--metadata-file` gets.
    func metadata(of built: BuiltImage, _ images: ProjectImages) throws -> BuildMetadata {
        let isImage = outputs.contains { !$0.isFiles && $0.kind != .cacheOnly }
        let names = try delivery(images).imageNames.map(\.description)
        guard isImage else { return BuildMetadata() }
        return BuildMetadata(
            image: built.index == nil ? built.image : nil,
            descriptor: try images.session.engine.descriptor(of: built),
            names: names
        )
    }

    private var place: String { request.name.map { "target \($0): " } ?? "" }

    private func delivery(_ images: ProjectImages) -> BuildDelivery {
        BuildDelivery(outputs: outputs, names: names, images: images, show: images.shown)
    }
}
