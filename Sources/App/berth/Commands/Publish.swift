import ArgumentParser
import Compose
import Engine
import Logging
import OCI
import Reconciler
import Registry
import TextForms

/// Sends the compose files to a registry, where `-f oci://…` and `include` find them.
struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Send the compose files to a registry, for -f oci://… and include.",
        discussion: """
            The files go as they are written, with env files and extended files beside them under \
            other names. Images that are built here are pushed before.
            """
    )

    @OptionGroup(title: ProjectOptions.title) var project: ProjectOptions

    @Option(
        name: .customLong("oci-version"),
        help: ArgumentHelp(
            "Form of the artifact: 1.1 or 1.0; without, what the registry takes.",
            valueName: "version"
        ),
        completion: .list(["1.0", "1.1"])
    )
    var version: String?

    @Flag(
        name: .customLong("resolve-image-digests"),
        help: "Pin every image to the digest that its registry has for it now."
    )
    var resolvesDigests = false

    @Flag(name: .customLong("with-env"), help: "Publish environment variables and env files, too.")
    var withEnvironment = false

    @Flag(name: .shortAndLong, help: "Answer every question with yes.")
    var yes = false

    @Argument(help: ArgumentHelp("REPOSITORY[:TAG]", valueName: "name"))
    var repository: String

    func run() async throws {
        var options = try project.loadOptions(.config)
        options.profiles = ["*"]
        options.without.insert(.dropResources)
        var loaded = try ComposeLoader(files: LocalFiles()).load(options)
        var publication = try Publication(loaded, withEnvironment: withEnvironment || yes)
        let questions = PublishQuestions(
            project: loaded.project,
            withEnvironment: withEnvironment,
            servicesWithFiles: publication.servicesWithFiles,
            secrets: publication.secrets
        )
        try questions.check()
        if !yes, try !questions.areAnswered() { return }
        let reference = try ImageReference(repository).tagged
        guard reference.digest == nil else {
            throw Failure("\(repository): an artifact is published under a tag, not a digest")
        }
        let form = try form()
        let pushes = try ImageTransfers.pushes(
            of: loaded.project,
            services: [],
            withDependencies: false
        )
        if project.dryRun {
            DryRun.show(pushes, verb: "push")
            return Terminal.line("publish \(reference.familiar)")
        }
        try await push(pushes, of: loaded)
        if resolvesDigests {
            try await ImageDigests().pin(&loaded)
            publication.pin(loaded.imageUses.map { ($0.service, $0.image) })
        }
        let progress = try project.makeProgress()
        progress.report(repository, "publishing", .working)
        do {
            try await send(publication.artifact, to: reference, form)
        } catch {
            progress.report(repository, "Error", .failed)
            progress.finish()
            throw error
        }
        progress.report(repository, "published", .done)
        progress.finish()
    }

    private func form() throws -> ComposeArtifact.Form? {
        guard let version else { return nil }
        guard let form = ComposeArtifact.Form(rawValue: version) else {
            throw Failure("unsupported OCI version: \(version); there are 1.0 and 1.1")
        }
        return form
    }

    /// Images that are built here: who gets the files has to find them. One that cannot be sent may be
    /// there already.
    private func push(_ pushes: ImageTransfers, of loaded: LoadedProject) async throws {
        guard !pushes.images.isEmpty else { return }
        let session = try Session.open()
        try await session.recover()
        let work = try ImageTransferWork(project, session, loaded, isQuiet: false)
        let failures = try await work.run(pushes, doing: "Pushing", done: "Pushed") { image in
            _ = try await work.images.push(image)
        }
        try work.check(failures, ignoring: true)
    }

    /// A registry that does not know types of artifacts gets the older form, unless one was asked for.
    private func send(
        _ artifact: ComposeArtifact,
        to reference: ImageReference,
        _ form: ComposeArtifact.Form?
    ) async throws {
        let client = RegistryClient(
            .ofMachine(environment: Machine.environment()),
            logger: Logger(label: "berth", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        let contents = [ComposeArtifact.emptyBytes] + artifact.files.map(\.bytes)
        for bytes in contents {
            _ = try await client.upload(.of(bytes), BlobContent(bytes), to: reference)
        }
        let created = RFC3339.text(nanoseconds: Timestamp.now().nanoseconds, fraction: .none)
        func put(_ form: ComposeArtifact.Form) async throws {
            let bytes = try OCIJSON.encode(artifact.manifest(form, created: created))
            try await client.pushManifest(
                try ManifestDocument(bytes: bytes),
                as: reference.tag ?? ImageReference.defaultTag,
                of: reference
            )
        }
        if let form { return try await put(form) }
        do { try await put(.newer) } catch let error as RegistryError {
            guard case .status(let code, _) = error.cause, 400..<500 ~= code else { throw error }
            try await put(.older)
        }
    }
}
