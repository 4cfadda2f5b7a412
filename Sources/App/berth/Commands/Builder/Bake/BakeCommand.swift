import ArgumentParser
import Bake
import Engine
import Linux

extension BuilderGroup {
    /// Builds what a bake file says.
    struct BakeFiles: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "bake",
            abstract: "Build the targets of a bake file: HCL, JSON or a compose file.",
            aliases: ["f"]
        )

        @OptionGroup(title: "What is built") var sources: BakeSources

        @Flag(help: "Print what would be built and build nothing.")
        var print = false

        @Option(
            help: ArgumentHelp(
                "List the targets or the variables and build nothing.",
                valueName: "targets|variables[,format=json]"
            ),
            completion: .list(["targets", "variables"])
        )
        var list: String?

        @OptionGroup(title: "For every target") var wishes: BakeWishes

        @Option(
            name: .customLong("metadata-file"),
            help: ArgumentHelp("Write what was built into a file, as JSON.", valueName: "file"),
            completion: .file()
        )
        var metadataFile: String?

        @OptionGroup var builder: BuilderOption

        @Option(
            help: ArgumentHelp(
                "How progress is shown: auto, tty, plain, json, quiet; otherwise BUILDKIT_PROGRESS.",
                valueName: "kind"
            ),
            completion: .list(OutputSettings.progressKinds)
        )
        var progress: String?

        @Argument(help: "Targets and groups; `default` when none is named.")
        var targets: [String] = []

        func run() async throws {
            try builder.check()
            if let address = targets.first(where: { $0.contains("://") || $0.hasPrefix("git@") }) {
                throw Failure(
                    "\(address): bake files are not fetched; clone the repository, or fetch the file "
                        + "and name it with --file"
                )
            }
            let definition = try sources.definition()
            if let list {
                for line in try BakeListing(parsing: list).lines(of: definition) {
                    Terminal.line(line)
                }
                return
            }
            var plan = try definition.plan(
                for: targets,
                overrides: sources.set,
                environment: Machine.environment()
            )
            plan.apply(wishes.everywhere)
            if print { return Terminal.line(plan.text) }
            let orders = try BakeOrders(plan, wishes)
            let progress = try makeProgress()
            for note in orders.notes { progress.warn(note) }
            let session = try Session.open()
            try await session.recover()
            let images = ProjectImages(session: session, progress: progress, project: nil)
            let work = BakeWork(orders: orders, images: images)
            if let call = orders.call {
                if try await work.answer(call) { return }
                throw ExitCode.failure
            }
            let metadata = try await Interruptible.run(progress) { try await work.run() }
            progress.finish()
            if let metadataFile {
                try atomicWrite(
                    Array(metadata.utf8),
                    to: try Machine.absolute(metadataFile),
                    mode: 0o644,
                    synced: false
                )
            }
        }

        private func makeProgress() throws -> Progress {
            let settings = try OutputSettings(
                progress: progress,
                ofBuilder: true,
                environment: Machine.environment()
            )
            let surface = OutputSettings.Surface(of: settings.stream)
            return Progress(
                style: settings.style(on: surface),
                usesColour: settings.usesColour(on: surface),
                stream: settings.stream
            )
        }
    }
}
