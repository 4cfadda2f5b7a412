import ArgumentParser
import Builder
import Engine
import Glibc
import Linux
import OCI
import SystemPackage

extension ImageGroup {
    /// An image from a Dockerfile, as `docker build` makes it.
    struct Build: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "build",
            abstract: "Build an image from a Dockerfile."
        )

        @Option(
            name: .shortAndLong,
            parsing: .singleValue,
            help: ArgumentHelp("The image's name; may be repeated.", valueName: "name[:tag]")
        )
        var tag: [String] = []

        @Option(
            name: .shortAndLong,
            help: ArgumentHelp(
                "The Dockerfile, otherwise PATH/Dockerfile; - is stdin; also at an http or https address.",
                valueName: "file"
            ),
            completion: .file()
        )
        var file: String?

        @OptionGroup(title: "What is built") var wishes: BuildWishes
        @OptionGroup(title: "What its steps may use") var steps: BuildStepOptions
        @OptionGroup(title: "Where the result goes") var outputs: BuildOutputs

        @Option(
            help: ArgumentHelp("Write the image's identifier into a file.", valueName: "file"),
            completion: .file()
        )
        var iidfile: String?

        @Option(
            name: .customLong("metadata-file"),
            help: ArgumentHelp("Write what was built into a file, as JSON.", valueName: "file"),
            completion: .file()
        )
        var metadataFile: String?

        @OptionGroup var builder: BuilderOption
        @OptionGroup(visibility: .hidden) var former: FormerBuildFlags

        @Flag(name: .shortAndLong, help: "Show nothing but the image's identifier.")
        var quiet = false

        @Option(
            help: ArgumentHelp(
                "How progress is shown: auto, tty, plain, json, quiet; otherwise BUILDKIT_PROGRESS.",
                valueName: "kind"
            ),
            completion: .list(OutputSettings.progressKinds)
        )
        var progress: String?

        @Option(
            help: ArgumentHelp(
                "Ask of the Dockerfile instead of building: check, outline, targets.",
                valueName: "kind[,format=json]"
            ),
            completion: .list(["build", "check", "outline", "targets"])
        )
        var call: String?

        @Flag(help: "Check the Dockerfile and build nothing, as --call=check.")
        var check = false

        @Argument(
            help: ArgumentHelp(
                "What COPY sees: a folder, an address, a repository of git, or - for an archive "
                    + "or a Dockerfile on stdin.",
                valueName: "path|url|-"
            ),
            completion: .directory
        )
        var context: String

        /// Docker's words for what is no name.
        private static func name(_ text: String) throws -> ImageReference {
            do { return try ChangeOptions.target(text) } catch {
                let reason =
                    text.isEmpty
                    ? "repository name must have at least one component"
                    : "\(error)".replacing("invalid reference format: ", with: "")
                        .replacing(/repository name \(.*\) must/, with: "repository name must")
                throw Failure("ERROR: failed to build: invalid tag \"\(text)\": \(reason)")
            }
        }

        func run() async throws {
            try former.check()
            let order = try order()
            let progress = try makeProgress()
            for note in order.notes { progress.warn(note) }
            let session = try Session.open()
            try await session.recover()
            let images = order.images(in: session, progress)
            let call = order.call
            guard call == .build else {
                if try await call.answer(order.request, images, progress) { return }
                throw ExitCode.failure
            }
            try order.check(images)
            let built = try await Interruptible.run(progress) {
                try await order.carryOut(images)
            }
            let image = built.image
            progress.finish()
            if let iidfile {
                try atomicWrite(
                    Array("\(image.id)".utf8),
                    to: FilePath(iidfile),
                    mode: 0o644,
                    synced: false
                )
            }
            if let metadataFile {
                let text = try order.metadata(of: built, images).text
                try atomicWrite(
                    Array(text.utf8),
                    to: try Machine.absolute(metadataFile),
                    mode: 0o644,
                    synced: false
                )
            }
            if quiet, order.records { Terminal.line("\(image.id)") }
        }

        /// What the command line asks for, read and checked; nothing is fetched or built.
        func order() throws -> BuildOrder {
            try builder.check()
            let outputs = try outputs.outputs()
            if iidfile != nil, outputs.allSatisfy(\.isFiles) {
                throw Failure("local and tar exporters are incompatible with image ID file")
            }
            var order = BuildOrder(
                request: try makeRequest(),
                names: try tag.map { try Self.name($0) },
                outputs: outputs
            )
            order.call =
                try check
                ? BuildCall.check(asJSON: call?.hasSuffix("format=json") ?? false)
                : BuildCall(parsing: call ?? "build")
            for output in outputs {
                order.request.annotations.entries += output.annotations
            }
            order.entersFailures = try steps.entersFailures()
            order.request.rewritesTimes = outputs.contains(where: \.rewritesTimes)
            order.pullsBases = wishes.pull
            order.isQuiet = quiet
            order.caches = try wishes.caches()
            return order
        }

        private func makeProgress() throws -> Progress {
            let settings = try OutputSettings(
                progress: progress,
                ofBuilder: true,
                environment: Machine.environment()
            )
            let surface = OutputSettings.Surface(of: settings.stream)
            return Progress(
                style: quiet ? .quiet : settings.style(on: surface),
                usesColour: settings.usesColour(on: surface),
                stream: settings.stream
            )
        }

        private func makeRequest() throws -> BuildRequest {
            let remote =
                context == "-" && file != "-"
                ? try BuildSources.standardInput() : try BuildSources.remote(context)
            if context == "-", file == "-" {
                throw Failure("context and Dockerfile cannot both be read from stdin")
            }
            var request = BuildRequest(context: remote == nil ? try contextFolder() : nil)
            request.remoteContext = remote
            if file == "-" {
                request.dockerfile = .alone(try Self.readStandardInput())
                request.shownDockerfile = "stdin"
            } else if let file, SourceKind(file) == .address {
                request.dockerfile = .address(file)
                request.shownDockerfile = file
            } else if let file {
                // In a context that is fetched it is one of its files.
                request.dockerfile = .path(
                    remote == nil ? try Machine.absolute(file) : FilePath(file)
                )
            }
            if remote == nil, request.shownDockerfile == nil {
                let shown = file ?? FilePath(context).appending("Dockerfile").string
                request.shownDockerfile = FilePath(shown).lexicallyNormalized().string
            }
            try wishes.apply(to: &request)
            try steps.apply(to: &request)
            return request
        }

        private func contextFolder() throws -> FilePath {
            var status = stat()
            guard stat(context, &status) == 0 else {
                throw Failure("unable to prepare context: path \"\(context)\" not found")
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw Failure(
                    "unable to prepare context: \"\(context)\" is not a folder; "
                        + "name the Dockerfile with --file"
                )
            }
            return try Machine.absolute(context)
        }

        private static func readStandardInput() throws -> String {
            guard isatty(STDIN_FILENO) == 0 else {
                throw Failure("the Dockerfile is to be read from stdin, but stdin is a terminal")
            }
            let bytes = try OwnedFD(taking: dup(STDIN_FILENO)).readToEnd(limit: 16 << 20)
            guard !bytes.contains(0) else {
                throw Failure(
                    "stdin is not a Dockerfile; a context in an archive is given as `-`, without "
                        + "--file=-"
                )
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
