import ArgumentParser
import Engine
import ImageStore

extension VolumeGroup {
    /// What a volume holds, as a tar.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "export",
            abstract: "Write what is in a volume as a tar archive.",
            discussion: """
                Containers may go on: of a file that one of them changes meanwhile, part may be older \
                than the rest. Stop a database before.
                """
        )

        @OptionGroup var target: ArchiveTarget

        @Argument(help: "Its name.", completion: .volumes)
        var volume: String

        func run() async throws {
            guard let session = try Session.openIfAny() else {
                throw Failure(engine: "get \(volume): no such volume")
            }
            let output = try ArchiveOutput(target.output, doing: "export")
            try await output.fill {
                try await session.engine.exportVolume(named: volume) { try output.write($0) }
            }
        }
    }

    /// What a tar holds, into a volume.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Put what is in a tar archive into a volume.",
            discussion: """
                A volume that is not there is made. What is in it already stays, but for files of the \
                same path. While a container with the volume runs nothing is changed.
                """
        )

        @Argument(help: "Its name.", completion: .volumes)
        var volume: String

        @Argument(
            help: ArgumentHelp("A tar, plain or compressed; - is stdin.", valueName: "file|-"),
            completion: .file()
        )
        var source = "-"

        func run() async throws {
            let archive = try ArchiveInput.named(source)
            let session = try Session.open()
            try await session.engine.importVolume(
                named: volume,
                from: archive.content,
                subject: archive.subject
            )
            Terminal.line(volume)
        }
    }
}
