import ArgumentParser
import ContainerRuntime
import Engine

extension ContainerGroup {
    /// A container that belongs to no project.
    struct Create: StandaloneCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Make a container of an image, without starting it.",
            helpNames: .long
        )

        @OptionGroup var creation: CreationFlags
        @OptionGroup var process: ProcessFlags
        @OptionGroup var network: NetworkFlags
        @OptionGroup var storage: StorageFlags
        @OptionGroup var limits: LimitFlags
        @OptionGroup var fixedLimits: FixedLimitFlags
        @OptionGroup var isolation: IsolationFlags
        @OptionGroup var health: HealthFlags
        @OptionGroup var labels: LabelFlags
        @OptionGroup var attachment: AttachmentFlags

        @Argument(help: "The image.", completion: .images)
        var image: String

        @Argument(parsing: .captureForPassthrough, help: "The command and its arguments.")
        var command: [String] = []

        func run() async throws {
            try PassThrough.check(image, of: "create")
            try attachment.check()
            do { try await make() } catch {
                // What its own words are about, docker's command line signs.
                guard var failure = Failure(error), failure.exitCode == 125, !failure.isUsageError,
                    !failure.refusedByEngine, Invocation.calledAsDocker
                else { throw error }
                failure.lines[0] = "docker: \(failure.lines[0])"
                failure.lines += ["", "Run 'docker create --help' for more information"]
                throw failure
            }
        }

        private func make() async throws {
            let container = try await StandaloneContainer(
                session: .open(),
                flags: flags,
                image: image,
                command: command
            ).make(input: process.interactive ? .once : .none)
            Terminal.line(container.id.text)
        }
    }
}
